# Paths, messages and helpers shared by the other files.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/tcptrace/kernels
kept_logs=$cache/logs
results=$cache/results.json

# 1 after a message was printed
said=0

say() {
	printf 'kernels: %s\n' "$*" >&2
	said=1
}

die() {
	say "$*"
	exit 1
}

# list FILE: prints the words of a list file, without comments
list() { sed 's/#.*//' "$1" | tr -s '[:space:]' '\n' | sed '/^$/d'; }

# matrix_line NAME: prints the kernel's line of test/kernels/matrix
matrix_line() { awk -v name="$1" '$1 == name' "$here/matrix"; }

matrix_names() { awk '!/^#/ && NF { print $1 }' "$here/matrix"; }

# need PROGRAM PACKAGE...: installs missing packages as root, else fails and names them
need() {
	local missing=()
	while (($#)); do
		command -v "$1" >/dev/null || missing+=("$2")
		shift 2
	done
	((${#missing[@]})) || return 0
	if ((EUID)) || ! command -v apt-get >/dev/null; then
		die "missing packages: install ${missing[*]} and run this again"
	fi
	say "installing ${missing[*]}"
	export DEBIAN_FRONTEND=noninteractive
	local install=(apt-get -qq -y --no-install-recommends install "${missing[@]}")
	if ! "${install[@]}" >/dev/null 2>&1; then
		apt-get -qq update >/dev/null || true
		"${install[@]}" >/dev/null || die "could not install ${missing[*]}: install them by hand and run this again"
	fi
}

need_tools() {
	if [[ $arch == arm64 ]]; then
		need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu aarch64-linux-gnu-g++ g++-aarch64-linux-gnu
		[[ $mode != build ]] || return 0
		need qemu-system-aarch64 qemu-system-arm
	else
		need qemu-system-x86_64 qemu-system-x86
	fi
	need busybox busybox-static cpio cpio xz xz-utils dpkg-deb dpkg
	# The initramfs has no dynamic loader.
	if ldd "$(command -v busybox)" >/dev/null 2>&1; then
		die "busybox is not static: install busybox-static and run this again"
	fi
}
