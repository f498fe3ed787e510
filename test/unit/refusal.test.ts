import assert from 'node:assert/strict';
import type {LoadError, Probe} from '#dist/kernel/binding.js';
import {missingCapabilities, type Surroundings} from '#dist/sources/privileges.js';
import {explainRefusal, isLoadError} from '#dist/sources/refusal.js';
import {loadError, PRIVILEGED} from './refusals.js';

const [EPERM, ENOENT, E2BIG, ENOMEM, EACCES, EINVAL, ENOTSUPP] = [1, 2, 7, 12, 13, 22, 524];

interface Case {
  readonly probe?: Probe;
  readonly error: LoadError;
  readonly where?: Partial<Surroundings>;
  readonly reason: string;
  readonly hint?: string;
  /** 'support' where it is not given */
  readonly lacks?: 'privileges' | 'memory';
}

const CASES: Record<string, Case> = {
  'missing capabilities': {
    error: loadError('load', EPERM),
    where: {missingCapabilities: ['CAP_PERFMON', 'CAP_SYS_PTRACE']},
    reason: 'not permitted: CAP_PERFMON, CAP_SYS_PTRACE missing',
    hint: 'run it with sudo, or with --proc for what can be seen without',
    lacks: 'privileges',
  },
  'capabilities that would not have helped': {
    probe: 'kprobe',
    error: loadError('load', EACCES, 'connect_v4', 'R1 invalid mem access'),
    where: {missingCapabilities: ['CAP_SYS_PTRACE']},
    reason: 'load of connect_v4 failed: EACCES: R1 invalid mem access',
  },
  'tracefs for others': {
    probe: 'tracepoint',
    error: loadError(
      'attach',
      EACCES,
      'sys_exit_accept_0',
      'cannot read tracefs events/syscalls/sys_exit_accept/id',
    ),
    reason: 'cannot read tracefs (EACCES)',
    hint: 'give CAP_DAC_READ_SEARCH, too, or run it with sudo',
    lacks: 'privileges',
  },
  'no tracefs': {
    probe: 'tracepoint',
    error: loadError(
      'attach',
      EPERM,
      'sys_exit_accept_0',
      'cannot read tracefs events/syscalls/sys_exit_accept/id',
    ),
    reason: 'cannot read tracefs (EPERM)',
    hint: 'mount it at /sys/kernel/tracing, or run it with sudo',
    lacks: 'privileges',
  },
  'missing capabilities, as other parts of the kernel say it': {
    probe: 'tracepoint',
    error: loadError('attach', EACCES, 'set_state'),
    where: {missingCapabilities: ['CAP_PERFMON']},
    reason: 'not permitted: CAP_PERFMON missing',
    hint: 'run it with sudo, or with --proc for what can be seen without',
    lacks: 'privileges',
  },
  'a user namespace': {
    error: loadError('load', EPERM),
    where: {inUserNamespace: true},
    reason: 'not permitted in a user namespace',
    hint: 'run it on the host or in a privileged container, or with --proc for what can be seen here',
    lacks: 'privileges',
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

describe('refusal by', () => {
  for (const [what, {probe = 'fentry', error, where, reason, hint, lacks = 'support'}] of Object.entries(
    CASES,
  )) {
    it(what, () => {
      const wanted = {probe, lacks, reason, ...(hint === undefined ? {} : {hint})};
      assert.deepEqual(explainRefusal(probe, error, {...PRIVILEGED, ...where}), wanted);
    });
  }

  it('the kernel is told from mistakes', () => {
    assert.ok(isLoadError(loadError('load', EPERM)));
    for (const other of [
      new Error('x'),
      new TypeError('probe'),
      {code: 'ERR_TCPTRACE_LOAD'},
      undefined,
      'x',
    ]) {
      assert.equal(isLoadError(other), false);
    }
  });
});

describe('capabilities', () => {
  const ALL = ['CAP_BPF', 'CAP_PERFMON', 'CAP_NET_ADMIN', 'CAP_SYS_PTRACE'];
  const cases: Record<string, readonly [string, readonly string[]]> = {
    'of root': ['000001ffffffffff', []],
    'of nobody': ['0000000000000000', ALL],
    'just enough': ['000000c000081000', []],
    'all but CAP_BPF': ['000000400008' + '1000', ['CAP_BPF']],
    'all but CAP_PERFMON': ['000000800008' + '1000', ['CAP_PERFMON']],
    'all but CAP_NET_ADMIN': ['000000c000080000', ['CAP_NET_ADMIN']],
    'all but CAP_SYS_PTRACE': ['000000c000001000', ['CAP_SYS_PTRACE']],
    'CAP_SYS_ADMIN stands for two of them': ['0000000000200000', ['CAP_NET_ADMIN', 'CAP_SYS_PTRACE']],
    'of a container': ['00000000a80425fb', ALL],
  };
  for (const [what, [mask, missing]] of Object.entries(cases)) {
    it(what, () => {
      const status = `Name:\tnode\nCapInh:\tffffffffffffffff\nCapPrm:\t000001ffffffffff\nCapEff:\t${mask}\nCapBnd:\t000001ffffffffff\n`;
      assert.deepEqual(missingCapabilities(status), missing);
    });
  }

  it('are none where there is no telling', () => {
    assert.deepEqual(missingCapabilities(''), ALL);
  });
});
