/** Why a probe could not be had: the addon's error in the words of people. */
import {constants} from 'node:os';
import {getSystemErrorMap} from 'node:util';
import type {LoadError, Probe} from '../kernel/binding.js';
import {ExitCode, TcptraceError} from '../model/errors.js';
import type {Surroundings} from './privileges.js';

const {E2BIG, EACCES, EAGAIN, EMFILE, ENFILE, ENOENT, ENOMEM, EPERM} = constants.errno;

/** ENOTSUPP, which only the kernel knows: no BPF trampoline on this architecture. */
const ENOTSUPP = 524;

const NO_KPROBES = 'this kernel has no kprobes (CONFIG_KPROBES)';

/** The addon's words; what follows is a path. */
const NO_TRACEFS = 'cannot read tracefs';

/** What was tried. */
type Attempt = Probe | 'iterator';

/** What was refused and what can be done about it. */
export interface Refusal {
  readonly probe: Attempt;
  /** What would have to be given: by who runs tcptrace, by its options, or by the kernel alone. */
  readonly lacks: 'privileges' | 'memory' | 'descriptors' | 'threads' | 'support';
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

/** Loading any of these programs takes both. */
const INDISPENSABLE = ['CAP_BPF', 'CAP_PERFMON'];

function explainPermission(surroundings: Surroundings): Omit<Refusal, 'probe'> | undefined {
  const {missingCapabilities: missing, inUserNamespace, isLockedDown} = surroundings;
  if (missing.some((name) => INDISPENSABLE.includes(name))) {
    return {
      lacks: 'privileges',
      reason: `not permitted: ${missing.join(', ')} missing`,
      hint: 'run it with sudo, or with --proc for what can be seen without',
    };
  }
  if (inUserNamespace) {
    return {
      lacks: 'privileges',
      reason: 'not permitted in a user namespace',
      hint: 'run it on the host or in a privileged container, or with --proc for what can be seen here',
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

/** The line of the log that tells most: the last that is neither libbpf's conclusion nor a statistic. */
function lastWords(log: string): string {
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
  const words = lastWords(log);
  return `${subject} failed: ${errorName(errno)}${words === '' ? '' : `: ${words}`}`;
}

/** What takes more than the capabilities that tracing always takes. */
function explainMore(
  {step, errno, log}: LoadError,
  {perfEventParanoid, isMemoryLimited}: Surroundings,
): Pick<Refusal, 'reason' | 'hint'> | undefined {
  if (lastWords(log).startsWith(NO_TRACEFS)) {
    if (errno === EACCES) {
      const hint = 'give it, too, or run it with sudo';
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

/**
 * @param error what the addon threw
 * @param surroundings of this process, when it threw
 */
export function explainRefusal(probe: Attempt, error: LoadError, surroundings: Surroundings): Refusal {
  const {step, errno, log} = error;
  if (errno === EPERM || errno === EACCES) {
    const permission = explainPermission(surroundings);
    if (permission !== undefined) return {probe, ...permission};
    const more = explainMore(error, surroundings);
    if (more !== undefined) return {probe, lacks: 'privileges', ...more};
  }
  if (step === 'open' && log.startsWith('/')) {
    const reason = `this kernel does not describe its types in ${log} (${errorName(errno)})`;
    return {probe, lacks: 'support', reason, hint: 'it takes a kernel with CONFIG_DEBUG_INFO_BTF'};
  }
  if (probe === 'kprobe' && errno === ENOENT && !surroundings.hasKprobes) {
    return {probe, lacks: 'support', reason: NO_KPROBES};
  }
  if (probe === 'fentry' && (errno === EPERM || errno === ENOTSUPP)) {
    return {probe, lacks: 'support', reason: `this kernel refuses fentry programs (${errorName(errno)})`};
  }
  if (errno === ENOMEM || errno === E2BIG) {
    const hint = 'try a smaller --buffer-size or --max-connections';
    return {probe, lacks: 'memory', reason: explainStep(error), hint};
  }
  if (errno === EMFILE || errno === ENFILE) {
    const hint = errno === EMFILE ? 'raise ulimit -n' : 'raise fs.file-max by sysctl';
    return {probe, lacks: 'descriptors', reason: explainStep(error), hint};
  }
  if (step === 'read' && errno === EAGAIN) {
    const hint = 'raise ulimit -u, or pids.max of the cgroup';
    return {probe, lacks: 'threads', reason: explainStep(error), hint};
  }
  return {probe, lacks: 'support', reason: explainStep(error)};
}

/** One text for all of them. */
export function joinReasons(refusals: readonly Refusal[]): string {
  const reasons = new Set(refusals.map(({reason}) => reason));
  const each = refusals.map(({probe, reason}) => `${probe}: ${reason}`);
  return (refusals.length > 1 && reasons.size === 1 ? [...reasons] : each).join('; ');
}

/** @param what could not be done, after `cannot` */
export function unsupported(what: string, refusals: readonly Refusal[]): TcptraceError {
  // what no user can mend needs no remedy
  const mendable = refusals.filter(({lacks}) => lacks !== 'support');
  const hints = new Set((mendable.length > 0 ? mendable : refusals).map(({hint}) => hint));
  const hint = (hints.size === 1 ? [...hints][0] : undefined) ?? 'tcptrace doctor shows what works here';
  return new TcptraceError(`cannot ${what}: ${joinReasons(refusals)}`, ExitCode.UNSUPPORTED, hint);
}
