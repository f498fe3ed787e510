# Builds the initramfs: concatenated archives, which the kernel unpacks in turn. All kernels of a run share the base;
# each kernel adds its modules, and each boot its job.

# archive DIR FILE: writes a cpio archive
archive() { (cd "$1" && find . | cpio --quiet -o -H newc -R 0:0) >"$2"; }

# copy_libraries ROOT FILE: copies the shared libraries that FILE needs, keeping their paths
copy_libraries() {
	local library
	# ldd fails if the program is static
	{ ldd "$2" 2>/dev/null || true; } | sed -n 's/.*=> \(\/[^ ]*\) (.*/\1/p; s/^\t\(\/[^ ]*\) (.*/\1/p' | while read -r library; do
		[[ -e $1$library ]] || install -D "$library" "$1$library"
	done
}

base_busybox() {
	local name
	for name in $(busybox --list); do
		[[ $name == busybox ]] || ln -s busybox "$1/usr/bin/$name"
	done
}

base_programs() {
	local root=$1 name path
	cp "$(command -v busybox)" "$root/usr/bin/busybox"
	for name in $(list "$here/programs"); do
		path=$(PATH=$PATH:/usr/sbin:/sbin type -P "$name") || continue
		path=$(readlink -f "$path")
		rm -f "$root/usr/bin/$name"
		install "$path" "$root/usr/bin/$name"
		copy_libraries "$root" "$path"
	done
}

base_files() {
	local root=$1
	echo root:x:0:0:root:/root:/bin/sh >"$root/etc/passwd"
	echo nobody:x:65534:65534:nobody:/:/bin/sh >>"$root/etc/passwd"
	printf '%s:x:%s:\n' root 0 nogroup 65534 >"$root/etc/group"
	printf '%s\n' '127.0.0.1 localhost' '::1 localhost' >"$root/etc/hosts"
	ln -s /proc/self/mounts "$root/etc/mtab"
	install "$here/init" "$root/init"
}

# base_project ROOT: copies the built project and its run-time packages
base_project() {
	local root=$1/tcptrace path missing=() modules
	for path in bin dist oclif.manifest.json build/test build/bench package.json; do
		if [[ -e $project/$path ]]; then
			(cd "$project" && cp -r --parents "$path" "$root")
		else
			missing+=("$path")
		fi
	done
	((${#missing[@]} == 0)) || say "not built, so not in the image: ${missing[*]}"
	modules=$(cd "$project" && node "$here/lib/closure.mjs") || die "node_modules is incomplete: run npm ci and try again"
	(cd "$project" && xargs -rd '\n' cp -r --parents -t "$root" <<<"$modules")
	find "$root/node_modules" -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.md' \) -delete
	install -m 644 "$here/lib/reporter.mjs" "$root/reporter.mjs"
}

# base_binaries ROOT: copies the files compiled for this machine
base_binaries() {
	local root=$1/tcptrace/build path
	mkdir -p "$root/Release"
	for path in "$project"/build/Release/{tcptrace.node,*.so*}; do
		[[ ! -e $path ]] || cp -P "$path" "$root/Release/"
	done
	cp "$project"/build/{actor,generator,refuse-call} "$root/"
	copy_libraries "$1" "$project/build/Release/tcptrace.node"
}

# image_base FILE [EXTRA...]: builds the base archive; EXTRA goes to /extra
image_base() {
	local file=$1 root=$scratch/base
	shift
	mkdir -p "$root"/{dev,etc,extra,proc,root,run,sys,tcptrace,tmp,var/log} "$root"/usr/{bin,lib,lib64,sbin}
	chmod 1777 "$root/tmp"
	ln -s usr/bin "$root/bin"
	ln -s usr/sbin "$root/sbin"
	ln -s usr/lib "$root/lib"
	ln -s usr/lib64 "$root/lib64"
	ln -s ../run "$root/var/run"
	# The kernel runs /sbin/modprobe to load modules.
	ln -s ../bin/modprobe "$root/usr/sbin/modprobe"
	base_busybox "$root"
	if [[ $arch == arm64 ]]; then
		arm64_binaries "$root"
	else
		base_programs "$root"
		base_binaries "$root"
	fi
	base_files "$root"
	base_project "$root"
	(($# == 0)) || cp -r "$@" "$root/extra/"
	archive "$root" "$file"
	rm -rf "$root"
}

# image_modules KERNEL_DIR FILE: archives the modules listed in test/kernels/modules, with dependencies
image_modules() {
	local release from to name path root=$scratch/modules
	release=$(<"$1/release")
	from=$1/root/lib/modules/$release
	to=$root/usr/lib/modules/$release
	mkdir -p "$to"
	cp "$from"/modules.{order,builtin} "$to/" 2>/dev/null || true
	for name in $(list "$here/modules"); do
		sed -n "s/^\(.*\/$name\.ko[.a-z]*\): */\1 /p" "$from/modules.dep"
	done | tr -s ' ' '\n' | sort -u | sed '/^$/d' | while read -r path; do
		install -D -m 644 "$from/$path" "$to/$path"
		case $path in
		*.xz) xz -d "$to/$path" ;;
		*.zst) zstd -q -d --rm "$to/$path" ;;
		esac
	done
	busybox depmod -b "$root/usr" "$release"
	archive "$root" "$2"
	rm -rf "$root"
}
