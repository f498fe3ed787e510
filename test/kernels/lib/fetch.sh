# Fetches kernel packages with apt in private directories and unpacks them into the cache, without installing them.

fetch_error=

# codename: prints this machine's Debian suite
codename() { (. /etc/os-release && echo "${VERSION_CODENAME:-sid}"); }

# apt_sources SUITE: prints this machine's apt source, changed to SUITE
apt_sources() {
	local files=() file
	if [[ -n ${TCPTRACE_APT_SOURCES:-} ]]; then
		files=("$TCPTRACE_APT_SOURCES")
	else
		for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
			[[ -f $file ]] && files+=("$file")
		done
	fi
	((${#files[@]})) && awk -v SUITE="$1" -v CODENAME="$(codename)" -v ARCH="$arch" -f "$here/lib/sources.awk" "${files[@]}"
}

# apt_prepare SUITE: writes apt.conf; apt also reads the machine's configuration (proxy, certificates)
apt_prepare() {
	local dir=$cache/apt/$1-$arch
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	apt_sources "$1" >"$dir/debian.sources.new" || return 1
	# A changed mirror or key invalidates the package index.
	cmp -s "$dir/debian.sources.new" "$dir/debian.sources" || rm -f "$dir/stamp"
	mv "$dir/debian.sources.new" "$dir/debian.sources"
	cat >"$dir/apt.conf" <<-END
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		APT::Architecture "$arch";
		APT::Default-Release "";
		APT::Sandbox::User "root";
		APT::Update::Error-Mode "any";
		Acquire::Languages "none";
		Acquire::Retries "3";
		Dir::Cache "$dir";
		Dir::Cache::pkgcache "packages.bin";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		Dir::Etc::sourcelist "$dir/debian.sources";
		Dir::Etc::sourceparts "/dev/null";
		Dir::State "$dir";
		Dir::State::lists "$dir/lists";
		Dir::State::status "/dev/null";
	END
}

# apt_trouble SUITE: prints apt's first error, else its last line
apt_trouble() { grep -m 1 '^[EW]:' "$cache/apt/$1-$arch/log" || tail -n 1 "$cache/apt/$1-$arch/log"; }

# apt_refresh SUITE: updates the package index if it is older than a day
apt_refresh() {
	local dir=$cache/apt/$1-$arch
	[[ -z $update && -n $(find "$dir/stamp" -mmin -1440 2>/dev/null) ]] && return
	apt-get -c "$dir/apt.conf" -qq update >"$dir/log" 2>&1 || return 1
	touch "$dir/stamp"
}

# apt_newest SUITE PATTERN: prints the newest package whose name matches
apt_newest() {
	local name
	apt-cache -c "$cache/apt/$1-$arch/apt.conf" pkgnames linux- | while read -r name; do
		# shellcheck disable=SC2053 # matches a pattern
		[[ $name != $2 ]] || echo "$name"
	done | sort -V | tail -n 1
}

# apt_field SUITE PACKAGE FIELD: prints a field of the package's record
apt_field() {
	apt-cache -c "$cache/apt/$1-$arch/apt.conf" --no-all-versions show "$2" | sed -n "s/^$3: //p" | head -n 1
}

# apt_parts SUITE PACKAGE: prints the package and its dependencies with the kernel or modules
apt_parts() {
	echo "$2"
	apt_field "$1" "$2" Depends | tr ',|' '\n' | sed -n 's/^ *\(linux-\(binary\|image\|modules\)-[^ ]*\).*/\1/p'
}

# unpacked SUITE PATTERN: prints the newest matching kernel in the cache
unpacked() {
	local dir
	# shellcheck disable=SC2231 # matches a pattern
	for dir in "$cache/unpacked/$1/"$2_*; do
		[[ ! -f $dir/release ]] || echo "$dir"
	done | sort -V | tail -n 1
}

# unpack SUITE PACKAGE DIR: downloads the package and unpacks it to DIR
unpack() {
	local new parts deb
	new=$(mktemp -d "$scratch/unpack.XXXXXX")
	readarray -t parts < <(apt_parts "$1" "$2")
	(cd "$new" && apt-get -c "$cache/apt/$1-$arch/apt.conf" -qq download "${parts[@]}") >"$cache/apt/$1-$arch/log" 2>&1 || return 1
	for deb in "$new"/*.deb; do
		dpkg-deb -x "$deb" "$new/root" || return 1
		rm "$deb"
	done
	if [[ -d $new/root/usr/lib/modules ]]; then
		mv "$new/root/usr/lib" "$new/root/lib"
	fi
	basename "$new"/root/lib/modules/* >"$new/release"
	find "$new/root" \( -path '*/boot/vmlinuz-*' -o -path '*/modules/*/vmlinuz' \) -exec mv {} "$new/vmlinuz" \;
	busybox depmod -b "$new/root" "$(cat "$new/release")"
	[[ -f $new/vmlinuz ]] || return 1
	mkdir -p "$(dirname "$3")"
	mv "$new" "$3"
}

# kernel_fetch NAME SUITE PATTERN: sets kernel_dir; on failure sets fetch_error and returns 1
kernel_fetch() {
	local package dir old
	fetch_error=
	kernel_dir=$(unpacked "$2" "$3")
	if ! apt_prepare "$2"; then
		fetch_error="no Debian mirror in apt's sources: name a sources file in TCPTRACE_APT_SOURCES"
	elif ! apt_refresh "$2"; then
		fetch_error="apt cannot read the package index of $2: $(apt_trouble "$2")"
	elif package=$(apt_newest "$2" "$3"); [[ -z $package ]]; then
		fetch_error="no package $3 in $2"
	else
		dir=$cache/unpacked/$2/${package}_$(apt_field "$2" "$package" Version)
		if [[ ! -d $dir ]]; then
			say "$1: fetching $package"
			unpack "$2" "$package" "$dir" || fetch_error="cannot unpack $package: $(apt_trouble "$2")"
		fi
	fi
	if [[ -n $fetch_error && -n $kernel_dir ]]; then
		say "$1: $fetch_error; taking $(cat "$kernel_dir/release") from the cache"
		return 0
	fi
	[[ -z $fetch_error ]] || return 1
	# shellcheck disable=SC2231
	for old in "$cache/unpacked/$2/"$3_*; do
		[[ $old == "$dir" ]] || rm -rf "$old"
	done
	kernel_dir=$dir
}
