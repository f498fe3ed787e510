/** Errors for what /proc cannot provide, where it would be read in place of eBPF. */
import {ExitCode, TcptraceError, usageError} from '../model/errors.js';

/** @param why eBPF is not used; undefined if the caller asked for /proc */
function refuse(problem: string, hint: string, why: string | undefined): TcptraceError {
  return why === undefined
    ? usageError(problem, hint)
    : new TcptraceError(`eBPF is not available (${why}), and ${problem}`, ExitCode.UNSUPPORTED, hint);
}

/** Error for a zone in a filter. */
export function refuseZones(why?: string): TcptraceError {
  const problem = '/proc does not show the interfaces of link-local addresses';
  return refuse(problem, 'leave out the zone, such as %eth0', why);
}

/** Error for peers of a listing. */
export function refusePeers(why?: string): TcptraceError {
  return refuse('/proc does not show which sockets are connected to each other', 'leave out --peers', why);
}
