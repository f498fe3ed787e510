# Fetches one kernel, builds its initramfs, boots it, and leaves its results in the log folder.

# trouble_with NAME MESSAGE: stores the message that the report shows instead of results
trouble_with() {
	echo "$2" >"$logs/$1.trouble"
	say "$1: $2"
}

# suites NAME FOLDER PROBES: prints a line for each probe with its tests
suites() {
	local probe
	if [[ -n $plan ]]; then
		awk -v name="$1" '$1 == name { print $2, $3 }' "$plan" | while read -r probe files; do
			case $files in
			all) files='**/*' ;;
			*,*) files="@(${files//,/|})" ;;
			esac
			echo "$probe build/test/$2/$files.test.js"
		done
		return
	fi
	for probe in $3; do echo "$probe ${spec:-build/test/$2/**/*.test.js}"; done
}

# prepare NAME: creates a folder with the files that a boot needs besides the base image
prepare() {
	local suite pattern tests parameters folder=$scratch/$1 default='kprobe fentry tracepoint'
	mkdir "$folder"
	if [[ $1 == host ]]; then
		default=tracepoint
		echo "$(uname -r) (this machine)" >"$logs/$1.release"
	fi
	[[ ${#probes[@]} == 0 ]] || default=${probes[*]}
	read -r _ suite pattern tests parameters <<<"$(matrix_line "$1")"
	suites "$1" "$tests" "$default" >"$folder/suites"
	awk '{ print $1 }' "$folder/suites" | xargs >"$logs/$1.probes"
	[[ $1 != host ]] || return 0
	if ! kernel_fetch "$1" "$suite" "${pattern%amd64}$arch"; then
		trouble_with "$1" "$fetch_error"
		return 1
	fi
	echo "$parameters $append" >"$folder/parameters"
	echo "$(<"$kernel_dir/release")${parameters:+ ($parameters)}" >"$logs/$1.release"
	# A hard link, because another run may replace the kernel in the cache before this boot.
	ln "$kernel_dir/vmlinuz" "$folder/vmlinuz"
	image_modules "$kernel_dir" "$folder/modules.cpio"
}

quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

# job NAME: prints the variables that init reads in the virtual machine
job() {
	echo "mode=$mode"
	echo "limit=$limit"
	echo "kernel=$(quoted "$1")"
	echo "command=$(quoted "$command")"
}

# initrd NAME: concatenates base, modules and job
initrd() {
	local folder=$scratch/$1
	mkdir "$folder/job"
	job "$1" >"$folder/job/job"
	cp "$folder/suites" "$folder/job/suites"
	archive "$folder/job" "$folder/job.cpio"
	cat "$scratch/base.cpio" "$folder/modules.cpio" "$folder/job.cpio" >"$folder/initrd"
}

# run_shell NAME: runs an interactive shell
run_shell() {
	initrd "$1"
	say 'leave with exit; ctrl-a x ends the virtual machine'
	run_status=0
	(qemu "$1" -nographic) || run_status=$?
}

# run_exec NAME: runs the command; sets run_status to its exit status
run_exec() {
	initrd "$1"
	boot "$1" $((limit + slack))
	[[ -z $boot_trouble ]] || die "$1: $boot_trouble: see $kept_logs/$1.console"
	run_status=$(sed -n 's/^TCPTRACE-EXEC: //p' "$logs/$1.out" | tail -n 1)
	[[ -n $run_status ]] || die "$1: the virtual machine stopped early: see $kept_logs/$1.console"
}

# run_tests NAME: runs the tests; called in a subshell
run_tests() {
	local begin=$SECONDS
	trap stop_qemu EXIT
	trap 'exit 143' TERM
	if [[ $1 == host ]]; then
		run_host
	else
		initrd "$1"
		boot "$1" $((limit * $(wc -w <"$logs/$1.probes") + slack))
		rm "$scratch/$1/initrd"
		if [[ -n $boot_trouble ]]; then
			trouble_with "$1" "$boot_trouble"
			tail -n 30 "$logs/$1.console" >>"$logs/$1.trouble"
		fi
	fi
	say "$1, $(<"$logs/$1.release"): done in $((SECONDS - begin)) s"
}

# run_host: runs the tests on this machine
run_host() {
	local probe tests status
	while read -r probe tests; do
		echo "TCPTRACE-PROBE: $probe"
		status=0
		(cd "$project" && TCPTRACE_PROBE=$probe timeout "$limit" node node_modules/mocha/bin/mocha.js --no-config --exit \
			--fail-zero --reporter "$here/lib/reporter.mjs" --timeout 120000 "$tests" </dev/null) 2>&1 || status=$?
		echo "TCPTRACE-PROBE-END: $probe $status"
	done <"$scratch/host/suites" >"$logs/host.out"
}
