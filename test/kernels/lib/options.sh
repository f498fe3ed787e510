# Parses the command line.

# shellcheck disable=SC2034 # read by other files
{
	mode='test'
	arch=amd64
	command=
	append=
	spec=
	plan=
	json=
	limit=900
	jobs=$(nproc)
	update=
	verbose=
	icount=
	stream=
	extra=()
	kernels=()
	probes=()
}

usage() {
	sed -n '2,/^$/s/^# \{0,1\}//p' "$here/run"
}

# argument OPTION VALUE...: fails if the value is missing
argument() { (($# > 1)) || die "$1 requires a value: see --help"; }

number() { [[ $2 =~ ^[1-9][0-9]*$ ]] || die "$1 requires a positive number, not $2"; }

word() {
	case $1 in
	kprobe | fentry | tracepoint) probes+=("$1") ;;
	-*) die "unknown option $1: see --help" ;;
	*)
		[[ -n $(matrix_line "$1") ]] || die "unknown kernel or probe $1: choose from $(matrix_names | xargs) kprobe fentry tracepoint"
		kernels+=("$1")
		;;
	esac
}

# other_arch: keeps results and logs of another architecture apart and excludes host
other_arch() {
	results=${results%.json}-$arch.json
	kept_logs=$kept_logs-$arch
	((${#kernels[@]})) || readarray -t kernels < <(matrix_names | grep -vx host)
	[[ " ${kernels[*]} " != *' host '* ]] || die "host is not a kernel of $arch: choose from $(matrix_names | grep -vx host | xargs)"
}

# plan_kernels: selects the kernels of the plan, in its order, or those of the command line
plan_kernels() {
	[[ -z $spec ]] || die '--plan and --spec cannot be combined: a plan names the tests'
	((${#probes[@]} == 0)) || die '--plan and a probe cannot be combined: the plan names the probes'
	((${#kernels[@]})) || readarray -t kernels < <(awk '!/^#/ && NF && !seen[$1]++ { print $1 }' "$plan")
}

options() {
	while (($#)); do
		case $1 in
		--exec | --arch | --add | --append | --spec | --plan | --json | --limit | --jobs)
			argument "$@"
			case $1 in
			--exec) mode=exec command=$2 ;;
			--arch) [[ $2 == @(amd64|arm64) ]] || die "unknown architecture $2: choose amd64 or arm64"; arch=$2 ;;
			--add) [[ -e $2 ]] || die "no such file $2"; extra+=("$2") ;;
			--append) append=$2 ;;
			--spec) spec=$2 ;;
			--plan) [[ -f $2 ]] || die "no such file $2"; plan=$2 ;;
			--json) json=$2 ;;
			--limit) number "$1" "$2"; limit=$2 ;;
			--jobs) number "$1" "$2"; jobs=$2 ;;
			esac
			shift
			;;
		--shell) mode=shell ;;
		# booting is slow with icount
		--icount) icount=1 silence=600 ;;
		--build) mode=build ;;
		--update) update=1 ;;
		-v | --verbose) verbose=1 ;;
		-h | --help) usage; exit 0 ;;
		*) word "$1" ;;
		esac
		shift
	done
	[[ -z $plan ]] || plan_kernels
	[[ $arch == amd64 ]] || other_arch
	((${#kernels[@]})) || readarray -t kernels < <(matrix_names)
	[[ $mode != build || $arch != amd64 ]] || die "--build is for another architecture: give --arch arm64"
	[[ $mode == @(test|build) || (${#kernels[@]} == 1 && ${kernels[0]} != host) ]] || die "--$mode requires one kernel: choose from $(matrix_names | grep -v host | xargs)"
	case $mode in
	exec) stream=1 ;;
	test) stream=${verbose:+2} ;;
	esac
}
