/** Detects a pid namespace, in which pids of /proc differ from those of eBPF (the initial namespace's). */
import {ExitCode, TcptraceError} from '../model/errors.js';
import {readLink} from '../procfs/files.js';

/** PROC_PID_INIT_INO (include/linux/proc_ns.h) */
const FIRST = 'pid:[4026531836]';

/** True in a pid namespace other than the initial one, as in most containers. */
export function isInPidNamespace(root = '/proc'): boolean {
  return (readLink(`${root}/self/ns/pid`) ?? FIRST) !== FIRST;
}

/** Reason why /proc and eBPF cannot be combined here. */
export const DIFFERENT_PIDS = 'this pid namespace has other pids than the host';

/** Limitation of an eBPF trace in a pid namespace; follows "without". */
export const NO_PREEXISTING =
  'preexisting connections of processes outside this pid namespace; pids are those of the host';

export function refusePids(): TcptraceError {
  const message = `eBPF cannot select or look up processes: ${DIFFERENT_PIDS}`;
  const hint = 'run it in the pid namespace of the host (docker run --pid=host)';
  return new TcptraceError(message, ExitCode.UNSUPPORTED, hint);
}
