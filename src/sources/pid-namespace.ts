/** Detects a pid namespace, in which pids of /proc differ from those of eBPF (the initial namespace's). */
import {ExitCode, TcptraceError} from '../model/errors.js';
import {readLink} from '../procfs/files.js';

/** PROC_PID_INIT_INO (include/linux/proc_ns.h) */
const FIRST = 'pid:[4026531836]';

/** True in a pid namespace other than the initial one, as in most containers. */
export function isInPidNamespace(root = '/proc'): boolean {
  return (readLink(`${root}/self/ns/pid`) ?? FIRST) !== FIRST;
}

export const OTHER_NUMBERS = 'this is a pid namespace of its own, where processes have other numbers';

/** Limitation of an eBPF trace in a pid namespace; follows "without". */
export const HOST_NUMBERS = `what was open before outside of here: ${OTHER_NUMBERS} than those that are shown`;

export function refuseNumbers(): TcptraceError {
  const message = `eBPF cannot choose processes, or look up what they are: ${OTHER_NUMBERS}`;
  const hint = 'run it in that of the host (docker run --pid=host)';
  return new TcptraceError(message, ExitCode.UNSUPPORTED, hint);
}
