# One boot of one kernel in QEMU, watched from outside.

qemu_pid=

# How long a boot may stay silent (a healthy one speaks within a few seconds), and how long start and end may take.
silence=90
slack=120

# machine_of ARCH: sets machine, which has two serial ports: console_port and output_port, QEMU's first and second
machine_of() {
	case $1 in
	amd64) machine=(qemu-system-x86_64 -M q35 -cpu max) console_port=ttyS0 output_port=ttyS1 ;;
	arm64) machine=(qemu-system-aarch64 -M virt -cpu cortex-a57) console_port=ttyAMA0 output_port=ttyS0 ;;
	esac
}

# qemu NAME OPTION...: takes the place of the shell, so that its process id is QEMU's
qemu() {
	local folder=$scratch/$1 processors=(-smp 2)
	# sleep=off: time that nobody uses passes at once
	[[ -z $icount ]] || processors=(-smp 1 -icount 'shift=0,sleep=off')
	# Emulated even where /dev/kvm is there: nested virtualisation often is, and fails half-way. By one thread: with one
	# per CPU QEMU 7.2 now and then runs code that another CPU has patched (int3 oopses in functions being attached to,
	# soft lockups) or hangs early.
	# oops=panic: a kernel bug ends the boot at once, rather than letting tests run on; loglevel: with its stack. The stall
	# timeout: where this machine has more to do than it can, an emulated CPU waits for longer than the 21 s of a kernel.
	exec "${machine[@]}" -accel tcg,thread=single -m 2048 "${processors[@]}" -nic none -no-reboot \
		-kernel "$folder/vmlinuz" -initrd "$folder/initrd" \
		-append "console=$console_port port=$output_port quiet loglevel=5 panic=-1 oops=panic rcupdate.rcu_cpu_stall_timeout=60 $(<"$folder/parameters")" "${@:2}"
}

stop_qemu() { [[ -z $qemu_pid ]] || kill "$qemu_pid" 2>/dev/null || true; }

# trouble CONSOLE: why this boot is not worth waiting for
trouble() {
	if grep -aq 'Kernel panic' "$1"; then
		echo 'kernel panic'
	elif grep -aqE 'rcu.*(detected stalls|self-detected stall)' "$1"; then
		echo 'RCU stall'
	elif (($(grep -ac 'soft lockup' "$1") > 1)); then
		echo 'soft lockup'
	fi
}

# watch_boot CONSOLE OUT SECONDS: waits for the end; sets boot_trouble if it had to be forced, or the kernel had trouble
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
			# The kernel has more to say, and after a panic ends the boot itself.
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

# boot NAME SECONDS: runs to the end, with the console and what init prints in the logs; sets boot_trouble
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
		# A boot that hangs before the kernel says anything has begun no test.
		[[ $boot_trouble == silent ]] || break
		say "$1: no sign of life within $silence s, attempt $attempt of 3"
	done
	if [[ $boot_trouble == silent ]]; then
		boot_trouble='no sign of life in 3 boots'
	elif [[ -z $boot_trouble && ! -s $out ]]; then
		boot_trouble="QEMU gave up: $(tail -n 1 "$errors")"
	fi
}
