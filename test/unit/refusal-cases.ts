/** Refusals by the kernel, with the reason and the hint that users get. */
import type {LoadError} from '#dist/kernel/binding.js';
import type {Probe} from '#dist/model/event.js';
import type {Surroundings} from '#dist/sources/privileges.js';
import {loadError} from './refusals.js';

const [EPERM, ENOENT, E2BIG, EAGAIN, ENOMEM, EACCES, EINVAL, EINTR, ENFILE, EMFILE, ENOSYS, ENOTSUPP] = [
  1, 2, 7, 11, 12, 13, 22, 4, 23, 24, 38, 524,
];

export interface Case {
  readonly probe?: Probe;
  readonly error: LoadError;
  readonly where?: Partial<Surroundings>;
  readonly reason: string;
  readonly hint?: string;
  /** 'support' by default. */
  readonly lacks?: 'privileges' | 'memory' | 'descriptors' | 'threads' | 'programs' | 'retry';
}

export const CASES: Readonly<Record<string, Case>> = {
  'missing capabilities': {
    error: loadError('load', EPERM),
    where: {missingCapabilities: ['CAP_PERFMON', 'CAP_SYS_PTRACE']},
    reason: 'not permitted: CAP_PERFMON, CAP_SYS_PTRACE missing',
    hint: 'run it with sudo, or use --proc, which needs no privileges',
    lacks: 'privileges',
  },
  'capabilities that would not have helped': {
    probe: 'kprobe',
    error: loadError('load', EACCES, 'connect_v4', 'R1 invalid mem access'),
    where: {missingCapabilities: ['CAP_SYS_PTRACE']},
    reason: 'load of connect_v4 failed: EACCES: R1 invalid mem access',
  },
  'tracefs that is not for everybody': {
    probe: 'tracepoint',
    error: loadError('attach', EACCES, 'sys_exit_accept_0', 'cannot read tracefs events/syscalls/x/id'),
    reason: 'cannot read tracefs: CAP_DAC_READ_SEARCH missing',
    hint: 'add that capability, or run it with sudo',
    lacks: 'privileges',
  },
  'no tracefs': {
    probe: 'tracepoint',
    error: loadError('attach', EPERM, 'sys_exit_accept_0', 'cannot read tracefs events/syscalls/x/id'),
    reason: 'cannot read tracefs: it is not mounted, and CAP_SYS_ADMIN missing',
    hint: 'mount it at /sys/kernel/tracing, or run it with sudo',
    lacks: 'privileges',
  },
  'perf events, which a distribution keeps for root': {
    probe: 'kprobe',
    error: loadError('attach', EACCES, 'kprobe_tcp_v4_connect'),
    where: {perfEventParanoid: 3},
    reason: 'perf events are not permitted: CAP_SYS_ADMIN missing, as kernel.perf_event_paranoid is 3',
    hint: 'set it to 2 by sysctl, or run it with sudo',
    lacks: 'privileges',
  },
  'locked memory, before Linux 5.11': {
    probe: 'fentry',
    error: loadError('load', EPERM),
    where: {isMemoryLimited: true},
    reason: 'maps count as locked memory, which is limited: CAP_SYS_RESOURCE missing',
    hint: 'raise ulimit -l, or run it with sudo',
    lacks: 'privileges',
  },
  'missing capabilities, as other parts of the kernel say it': {
    probe: 'tracepoint',
    error: loadError('attach', EACCES, 'set_state'),
    where: {missingCapabilities: ['CAP_PERFMON']},
    reason: 'not permitted: CAP_PERFMON missing',
    hint: 'run it with sudo, or use --proc, which needs no privileges',
    lacks: 'privileges',
  },
  'a user namespace': {
    error: loadError('load', EPERM),
    where: {inUserNamespace: true},
    reason: 'not permitted in a user namespace',
    hint: 'run it on the host or in a privileged container, or use --proc',
    lacks: 'privileges',
  },
  'a seccomp profile that refuses bpf()': {
    error: loadError('load', ENOSYS),
    where: {hasSeccompFilter: true},
    reason: 'a seccomp profile refuses bpf() (ENOSYS)',
    hint: 'allow bpf and perf_event_open in the profile, or run the container with --security-opt seccomp=unconfined',
    lacks: 'privileges',
  },
  'a seccomp profile that refuses perf_event_open()': {
    probe: 'tracepoint',
    error: loadError('attach', EPERM, 'sys_exit_accept_0', 'perf_event_open'),
    where: {hasSeccompFilter: true},
    reason: 'a seccomp profile refuses perf_event_open() (EPERM)',
    hint: 'allow bpf and perf_event_open in the profile, or run the container with --security-opt seccomp=unconfined',
    lacks: 'privileges',
  },
  'a seccomp profile that allows bpf()': {
    probe: 'fentry',
    error: loadError('load', EPERM, 'connect_v4'),
    where: {hasSeccompFilter: true},
    reason: 'this kernel refuses fentry programs (EPERM)',
  },
  lockdown: {
    error: loadError('load', EPERM),
    where: {isLockedDown: true},
    reason: 'not permitted: the kernel is locked down (confidentiality)',
    hint: 'see man kernel_lockdown',
  },
  'no BTF': {
    probe: 'tracepoint',
    error: loadError('open', ENOENT, '', '/sys/kernel/btf/vmlinux'),
    reason: 'this kernel does not describe its types in /sys/kernel/btf/vmlinux (ENOENT)',
    hint: 'it takes a kernel with CONFIG_DEBUG_INFO_BTF',
  },
  'no kprobes': {
    probe: 'kprobe',
    error: loadError('attach', ENOENT, 'connect_v4'),
    where: {hasKprobes: false},
    reason: 'this kernel has no kprobes (CONFIG_KPROBES)',
  },
  'a function that cannot be probed': {
    probe: 'kprobe',
    error: loadError('attach', ENOENT, 'connect_v4'),
    reason: 'attach of connect_v4 failed: ENOENT',
  },
  'no fentry by order': {
    error: loadError('attach', EPERM, 'connect_v4'),
    reason: 'this kernel refuses fentry programs (EPERM)',
  },
  'no trampolines': {
    error: loadError('attach', ENOTSUPP, 'connect_v4'),
    reason: 'this kernel refuses fentry programs (ENOTSUPP)',
  },
  'no memory': {
    probe: 'tracepoint',
    error: loadError('load', ENOMEM),
    reason: 'load failed: ENOMEM',
    hint: 'try a smaller --buffer-size or --max-connections',
    lacks: 'memory',
  },
  'a map that is too large': {
    probe: 'tracepoint',
    error: loadError('load', E2BIG),
    reason: 'load failed: E2BIG',
    hint: 'try a smaller --buffer-size or --max-connections',
    lacks: 'memory',
  },
  'a tracepoint with 64 programs': {
    probe: 'tracepoint',
    error: loadError('attach', E2BIG, 'sys_exit_accept_0'),
    reason:
      'cannot attach sys_exit_accept_0: its tracepoint has 64 BPF programs, the most that the kernel allows',
    hint: 'stop other tracers',
    lacks: 'programs',
  },
  'types that may not be read': {
    probe: 'tracepoint',
    error: loadError('open', EACCES, '', '/sys/kernel/btf/vmlinux'),
    reason: "cannot read the kernel's types in /sys/kernel/btf/vmlinux (EACCES)",
    hint: 'allow reading it',
    lacks: 'retry',
  },
  'types that cannot be read now': {
    probe: 'tracepoint',
    error: loadError('open', EINTR, '', '/sys/kernel/btf/vmlinux'),
    reason: "cannot read the kernel's types in /sys/kernel/btf/vmlinux (EINTR)",
    hint: 'try again',
    lacks: 'retry',
  },
  'no descriptor for types': {
    probe: 'tracepoint',
    error: loadError('open', EMFILE, '', '/sys/kernel/btf/vmlinux'),
    reason: 'open failed: EMFILE: /sys/kernel/btf/vmlinux',
    hint: 'raise ulimit -n',
    lacks: 'descriptors',
  },
  'an interrupted attach': {
    probe: 'tracepoint',
    error: loadError('attach', EINTR, 'set_state'),
    reason: 'attach of set_state failed: EINTR',
    hint: 'try again; tcptrace doctor shows what works here',
    lacks: 'retry',
  },
  'perf events that are refused': {
    probe: 'tracepoint',
    error: loadError('attach', EACCES, 'set_state', 'perf_event_open'),
    reason: 'attach of set_state failed: EACCES: perf_event_open',
    hint: 'try again; tcptrace doctor shows what works here',
    lacks: 'retry',
  },
  'no descriptors': {
    probe: 'tracepoint',
    error: loadError('attach', EMFILE, 'set_state'),
    reason: 'attach of set_state failed: EMFILE',
    hint: 'raise ulimit -n',
    lacks: 'descriptors',
  },
  'no descriptors on the whole machine': {
    probe: 'tracepoint',
    error: loadError('load', ENFILE),
    reason: 'load failed: ENFILE',
    hint: 'raise fs.file-max by sysctl',
    lacks: 'descriptors',
  },
  'no threads': {
    probe: 'tracepoint',
    error: loadError('read', EAGAIN, '', 'thread'),
    reason: 'read failed: EAGAIN: thread',
    hint: 'raise ulimit -u, or pids.max of the cgroup',
    lacks: 'threads',
  },
  'the verifier: its last words': {
    probe: 'tracepoint',
    error: loadError(
      'load',
      EINVAL,
      'set_state',
      [
        "libbpf: prog 'set_state': BPF program load failed: Invalid argument",
        "libbpf: prog 'set_state': -- BEGIN PROG LOAD LOG --",
        '0: R1=ctx() R10=fp0',
        '  R3 unbounded memory access  ',
        'verification time 12 usec',
        'processed 3 insns (limit 1000000) max_states_per_insn 0',
        '-- END PROG LOAD LOG --',
        'libbpf: failed to load object',
        '',
      ].join('\n'),
    ),
    reason: 'load of set_state failed: EINVAL: R3 unbounded memory access',
  },
};
