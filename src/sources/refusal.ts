/** Explains the addon's errors to users. */
import {constants} from 'node:os';
import {getSystemErrorMap} from 'node:util';
import type {LoadError} from '../kernel/binding.js';
import type {Probe} from '../model/event.js';
import {ExitCode, TcptraceError} from '../model/errors.js';
import type {Surroundings} from './privileges.js';

const {
  E2BIG,
  EACCES,
  EAGAIN,
  EINVAL,
  EMFILE,
  ENFILE,
  ENODEV,
  ENOENT,
  ENOMEM,
  ENOSYS,
  EOPNOTSUPP,
  EPERM,
  ESRCH,
} = constants.errno;

/** ENOTSUPP (include/linux/errno.h): no BPF trampoline on this architecture. */
const ENOTSUPP = 524;

/** Errors of a kernel that lacks a feature; the verifier rejects a program with EACCES or EINVAL. */
const UNSUPPORTED = new Set([EACCES, EINVAL, ENODEV, ENOENT, ENOSYS, ENOTSUPP, EOPNOTSUPP, EPERM, ESRCH]);

/** BPF_TRACE_MAX_PROGS of kernel/trace/bpf_trace.c. */
const MAX_PROGRAMS = 64;

const NO_KPROBES = 'this kernel has no kprobes (CONFIG_KPROBES)';

/** Message of the addon; a path follows. */
const NO_TRACEFS = 'cannot read tracefs';

/** Object that failed to load or attach. */
type Attempt = Probe | 'iterator';

/** A refused probe, with the reason and a hint. */
export interface Refusal {
  readonly probe: Attempt;
  /** Missing resource; `support` if only another kernel helps, `retry` if the error may be temporary. */
  readonly lacks: 'privileges' | 'memory' | 'descriptors' | 'threads' | 'programs' | 'retry' | 'support';
  readonly reason: string;
  readonly hint?: string;
}

export function isLoadError(error: unknown): error is LoadError {
  return error instanceof Error && 'code' in error && error.code === 'ERR_TCPTRACE_LOAD';
}

function errorName(errno: number): string {
  if (errno === ENOTSUPP) return 'ENOTSUPP';
  return getSystemErrorMap().get(-errno)?.[0] ?? `errno ${String(errno)}`;
}

/** Capabilities that every program needs to load. */
const LOAD_CAPABILITIES = ['CAP_BPF', 'CAP_PERFMON'];

function explainPermission(surroundings: Surroundings): Omit<Refusal, 'probe'> | undefined {
  const {missingCapabilities: missing, inUserNamespace, isLockedDown} = surroundings;
  if (missing.some((name) => LOAD_CAPABILITIES.includes(name))) {
    return {
      lacks: 'privileges',
      reason: `not permitted: ${missing.join(', ')} missing`,
      hint: 'run it with sudo, or use --proc, which needs no privileges',
    };
  }
  if (inUserNamespace) {
    return {
      lacks: 'privileges',
      reason: 'not permitted in a user namespace',
      hint: 'run it on the host or in a privileged container, or use --proc',
    };
  }
  if (isLockedDown) {
    return {
      lacks: 'support',
      reason: 'not permitted: the kernel is locked down (confidentiality)',
      hint: 'see man kernel_lockdown',
    };
  }
  return undefined;
}

/** Returns the most specific line of the log: the last that is not libbpf's summary or a statistic. */
function lastMessage(log: string): string {
  const lines = log
    .split('\n')
    .map((line) => line.trim())
    .filter(
      (line) =>
        line !== '' && !/^(?:libbpf:|processed \d+ insns|-- (?:BEGIN|END) PROG|verification time)/.test(line),
    );
  return lines.at(-1) ?? '';
}

function explainStep({step, program, errno, log}: LoadError): string {
  const subject = program === '' ? step : `${step} of ${program}`;
  const message = lastMessage(log);
  return `${subject} failed: ${errorName(errno)}${message === '' ? '' : `: ${message}`}`;
}

/** Explains a refusal that needs more than the usual capabilities. */
function explainMore(
  {step, errno, log}: LoadError,
  {perfEventParanoid, isMemoryLimited}: Surroundings,
): Pick<Refusal, 'reason' | 'hint'> | undefined {
  if (lastMessage(log).startsWith(NO_TRACEFS)) {
    if (errno === EACCES) {
      const hint = 'add that capability, or run it with sudo';
      return {reason: `${NO_TRACEFS}: CAP_DAC_READ_SEARCH missing`, hint};
    }
    const reason = `${NO_TRACEFS}: it is not mounted, and CAP_SYS_ADMIN missing`;
    return {reason, hint: 'mount it at /sys/kernel/tracing, or run it with sudo'};
  }
  if (step === 'attach' && errno === EACCES && perfEventParanoid > 2) {
    const reason = `perf events are not permitted: CAP_SYS_ADMIN missing, as kernel.perf_event_paranoid is ${String(perfEventParanoid)}`;
    return {reason, hint: 'set it to 2 by sysctl, or run it with sudo'};
  }
  if (step === 'load' && errno === EPERM && isMemoryLimited) {
    const reason = 'maps count as locked memory, which is limited: CAP_SYS_RESOURCE missing';
    return {reason, hint: 'raise ulimit -l, or run it with sudo'};
  }
  return undefined;
}

/** Explains errors of an exhausted resource. */
function explainShortage(error: LoadError): Omit<Refusal, 'probe'> | undefined {
  const {step, errno, program} = error;
  const reason = explainStep(error);
  if (step === 'attach' && errno === E2BIG)
    return {
      lacks: 'programs',
      reason: `cannot attach ${program}: its tracepoint has ${String(MAX_PROGRAMS)} BPF programs, the most that the kernel allows`,
      hint: 'stop other tracers',
    };
  if (errno === ENOMEM || errno === E2BIG)
    return {lacks: 'memory', reason, hint: 'try a smaller --buffer-size or --max-connections'};
  if (errno === EMFILE || errno === ENFILE)
    return {
      lacks: 'descriptors',
      reason,
      hint: errno === EMFILE ? 'raise ulimit -n' : 'raise fs.file-max by sysctl',
    };
  if (step === 'read' && errno === EAGAIN)
    return {lacks: 'threads', reason, hint: 'raise ulimit -u, or pids.max of the cgroup'};
  return undefined;
}

/** Explains why the kernel's types could not be read: a file that is missing or invalid is the kernel's lack. */
function explainTypes({errno, log}: LoadError): Omit<Refusal, 'probe'> {
  if (errno === ENOENT || errno === EINVAL) {
    const reason = `this kernel does not describe its types in ${log} (${errorName(errno)})`;
    return {lacks: 'support', reason, hint: 'it takes a kernel with CONFIG_DEBUG_INFO_BTF'};
  }
  const reason = `cannot read the kernel's types in ${log} (${errorName(errno)})`;
  return {lacks: 'retry', reason, hint: errno === EACCES ? 'allow reading it' : 'try again'};
}

/** The system call that a refused step begins with; undefined if the kernel went on to look at a program. */
function refusedCall({step, program, log}: LoadError): 'bpf' | 'perf_event_open' | undefined {
  if (step === 'load' && program === '') return 'bpf';
  return step === 'attach' && lastMessage(log) === 'perf_event_open' ? 'perf_event_open' : undefined;
}

/** A seccomp profile looks like a kernel without eBPF: the call fails with EPERM, EACCES or ENOSYS. */
function explainSeccomp(
  error: LoadError,
  {hasSeccompFilter}: Surroundings,
): Pick<Refusal, 'reason' | 'hint'> | undefined {
  const call = refusedCall(error);
  if (call === undefined || !hasSeccompFilter || ![EPERM, EACCES, ENOSYS].includes(error.errno))
    return undefined;
  return {
    reason: `a seccomp profile refuses ${call}() (${errorName(error.errno)})`,
    hint: 'allow bpf and perf_event_open in the profile, or run the container with --security-opt seccomp=unconfined',
  };
}

/**
 * Explains why the kernel refused a probe.
 *
 * @param surroundings state of this process at the time of the error
 */
export function explainRefusal(probe: Attempt, error: LoadError, surroundings: Surroundings): Refusal {
  const {step, errno, log} = error;
  if (errno === EPERM || errno === EACCES) {
    const permission = explainPermission(surroundings);
    if (permission !== undefined) return {probe, ...permission};
    const more = explainMore(error, surroundings);
    if (more !== undefined) return {probe, lacks: 'privileges', ...more};
  }
  const seccomp = explainSeccomp(error, surroundings);
  if (seccomp !== undefined) return {probe, lacks: 'privileges', ...seccomp};
  const shortage = explainShortage(error);
  if (shortage !== undefined) return {probe, ...shortage};
  if (step === 'open' && log.startsWith('/')) return {probe, ...explainTypes(error)};
  if (probe === 'kprobe' && errno === ENOENT && !surroundings.hasKprobes) {
    return {probe, lacks: 'support', reason: NO_KPROBES};
  }
  if (probe === 'fentry' && (errno === EPERM || errno === ENOTSUPP)) {
    return {probe, lacks: 'support', reason: `this kernel refuses fentry programs (${errorName(errno)})`};
  }
  if (!UNSUPPORTED.has(errno) || (step === 'attach' && errno === EACCES))
    return {
      probe,
      lacks: 'retry',
      reason: explainStep(error),
      hint: 'try again; tcptrace doctor shows what works here',
    };
  return {probe, lacks: 'support', reason: explainStep(error)};
}

/** Joins the reasons; a common reason occurs once. */
export function joinReasons(refusals: readonly Refusal[]): string {
  const reasons = new Set(refusals.map(({reason}) => reason));
  const each = refusals.map(({probe, reason}) => `${probe}: ${reason}`);
  return (refusals.length > 1 && reasons.size === 1 ? [...reasons] : each).join('; ');
}

/** Creates the error for refused probes. @param what the failed action, after "cannot" */
export function unsupported(what: string, refusals: readonly Refusal[]): TcptraceError {
  // prefer hints that the user can follow
  const fixable = refusals.filter(({lacks}) => lacks !== 'support');
  const hints = new Set((fixable.length > 0 ? fixable : refusals).map(({hint}) => hint));
  const hint = (hints.size === 1 ? [...hints][0] : undefined) ?? 'tcptrace doctor shows what works here';
  return new TcptraceError(`cannot ${what}: ${joinReasons(refusals)}`, ExitCode.UNSUPPORTED, hint);
}
