/** Detects a closed stdout (`>&-` in a shell). */
import {readFileSync, readlinkSync} from 'node:fs';
import {ExitCode, TcptraceError} from '../../model/errors.js';

/** The access mode in the flags of proc_pid_fdinfo(5), which are octal. */
const [ACCESS_MODE, O_RDWR] = [0o3, 0o2];

/**
 * Refuses to print to a closed stdout. When Node.js starts, it opens /dev/null for reading and writing in place of each closed
 * standard stream (PlatformInit in src/node.cc). A parent process that opens /dev/null in this mode looks the same.
 * A shell's `>/dev/null` is open for writing only.
 *
 * @throws TcptraceError if stdout was closed
 */
export function refuseClosedStdout(): void {
  if (isReplaced()) throw new TcptraceError('cannot write stdout: it is closed', ExitCode.FAILURE);
}

function isReplaced(): boolean {
  try {
    if (readlinkSync('/proc/self/fd/1') !== '/dev/null') return false;
    const [, flags = '0'] = /^flags:\s*(\d+)$/m.exec(readFileSync('/proc/self/fdinfo/1', 'latin1')) ?? [];
    return (parseInt(flags, 8) & ACCESS_MODE) === O_RDWR;
  } catch {
    return false;
  }
}
