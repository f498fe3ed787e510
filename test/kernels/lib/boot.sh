# Boots a kernel in QEMU and monitors it.

qemu_pid=

# Seconds until the first output (normally a few), and seconds allowed for boot and shutdown besides the tests.
silence=90
slack=120

# machine_of ARCH: sets machine, console_port (QEMU's first serial port) and output_port (its second)
machine_of() {
	case $1 in
	amd64) machine=(qemu-system-x86_64 -M q35 -cpu max) console_port=ttyS0 output_port=ttyS1 ;;
	arm64) machine=(qemu-system-aarch64 -M virt -cpu cortex-a57) console_port=ttyAMA0 output_port=ttyS0 ;;
	esac
}

# qemu NAME OPTION...: replaces this shell by QEMU, so that its process id is QEMU's
qemu() {
	local folder=$scratch/$1 processors=(-smp 2)
	# sleep=off: virtual time skips idle periods
	[[ -z $icount ]] || processors=(-smp 1 -icount 'shift=0,sleep=off')
	# TCG even if /dev/kvm exists: nested virtualization often fails half-way. thread=single: with one thread per CPU
	# QEMU 7.2 sometimes executes code while another CPU patches it (int3 oopses in functions that a probe attaches to,
	# soft lockups), or hangs early.
	# oops=panic: stop at a kernel bug. loglevel: print its stack. Stall timeout: on a busy machine an emulated CPU may
	# wait longer than the kernel's default of 21 s.
	exec "${machine[@]}" -accel tcg,thread=single -m 2048 "${processors[@]}" -nic none -no-reboot \
		-kernel "$folder/vmlinuz" -initrd "$folder/initrd" \
		-append "console=$console_port port=$output_port quiet loglevel=5 panic=-1 oops=panic rcupdate.rcu_cpu_stall_timeout=60 $(<"$folder/parameters")" "${@:2}"
}

stop_qemu() { [[ -z $qemu_pid ]] || kill "$qemu_pid" 2>/dev/null || true; }

# trouble CONSOLE: prints a fatal problem that the console shows, if any
trouble() {
	if grep -aq 'Kernel panic' "$1"; then
		echo 'kernel panic'
	elif grep -aqE 'rcu.*(detected stalls|self-detected stall)' "$1"; then
		echo 'RCU stall'
	elif (($(grep -ac 'soft lockup' "$1") > 1)); then
		echo 'soft lockup'
	fi
}

# watch_boot CONSOLE OUT SECONDS: waits until QEMU exits, at most SECONDS; sets boot_trouble on a problem
watch_boot() {
	local begin=$SECONDS why=
	while kill -0 "$qemu_pid" 2>/dev/null; do
		why=$(trouble "$1")
		if [[ -z $why ]] && ((SECONDS - begin > $3)); then
			why="not finished within $3 s"
		elif [[ -z $why ]] && ((SECONDS - begin > silence)) && ! grep -aq '^TCPTRACE-INIT' "$2"; then
			why=silent
		fi
		if [[ -n $why ]]; then
			# Wait for the rest of the message; after a panic the kernel shuts down itself.
			sleep 2
			stop_qemu
			break
		fi
		sleep 0.5
	done
	wait "$qemu_pid" || true
	qemu_pid=
	boot_trouble=${why:-$(trouble "$1")}
}

# boot NAME SECONDS: boots and waits; writes the console and init's output to the logs; sets boot_trouble
boot() {
	local console=$logs/$1.console out=$logs/$1.out errors=$logs/$1.qemu attempt tail output
	output=(-serial "file:$out")
	[[ $arch == amd64 ]] || output=(-chardev "file,id=out,path=$out" -device 'pci-serial,chardev=out')
	for attempt in 1 2 3; do
		: >"$console"
		: >"$out"
		qemu "$1" -display none -monitor none -serial "file:$console" "${output[@]}" </dev/null 2>"$errors" &
		qemu_pid=$!
		tail=
		if [[ -n $stream ]]; then
			tail -n +1 -f --pid="$qemu_pid" -s 0.2 "$out" | sed -u '/^TCPTRACE-\(INIT\|EXEC\|VM\):/d' >&"$stream" &
			tail=$!
		fi
		watch_boot "$console" "$out" "$2"
		[[ -z $tail ]] || wait "$tail" || true
		# Retry only if the kernel printed nothing, so no test has started.
		[[ $boot_trouble == silent ]] || break
		say "$1: no sign of life within $silence s, attempt $attempt of 3"
	done
	if [[ $boot_trouble == silent ]]; then
		boot_trouble='no sign of life in 3 boots'
	elif [[ -z $boot_trouble && ! -s $out ]]; then
		boot_trouble="QEMU failed: $(tail -n 1 "$errors")"
	fi
}
