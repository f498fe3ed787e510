/** Reads processes from /proc. Pids are those of the pid namespace of this /proc. */
import {statSync} from 'node:fs';
import {ExitCode, TcptraceError} from '../model/errors.js';
import {readDirectory, readLink, readText} from './files.js';

/** A process; fields that cannot be read are undefined. */
export interface Process {
  readonly pid: number;
  /** Name of its main thread. */
  readonly comm?: string | undefined;
  /** Real user id, in the user namespace of tcptrace. */
  readonly uid?: number | undefined;
}

const ZERO = 0x30;
const BRACKET = 0x5d;

/** Returns N of a link such as `net:[N]`; undefined if the link is different. @param prefix such as `net:[` */
export function bracketed(link: string, prefix: string): number | undefined {
  const last = link.length - 1;
  if (!link.startsWith(prefix) || link.charCodeAt(last) !== BRACKET) return undefined;
  let value = 0;
  for (let at = prefix.length; at < last; at++) {
    const digit = link.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return last === prefix.length ? undefined : value;
}

/** Lists all process ids. @throws TcptraceError (not supported) if no /proc is mounted at `root` */
export function listPids(root: string): number[] {
  const pids: number[] = [];
  for (const name of readDirectory(root) ?? []) {
    const pid = Number(name);
    if (Number.isInteger(pid)) pids.push(pid);
  }
  if (pids.length > 0) return pids;
  const hint = 'mount it: mount -t proc proc /proc';
  throw new TcptraceError(`there is no process in ${root}`, ExitCode.UNSUPPORTED, hint);
}

/** Returns true if a process or thread with this id exists. */
export function processExists(pid: number, root = '/proc'): boolean {
  // with hidepid=1, access(2) fails for processes of other users (proc_pid_permission())
  return statSync(`${root}/${String(pid)}`, {throwIfNoEntry: false}) !== undefined;
}

/** Returns the process (thread group) of a thread's id; undefined if it has exited or its status may not be read. */
export function findThreadGroup(id: number, root = '/proc'): number | undefined {
  const status = readText(`${root}/${String(id)}/status`);
  const tgid = status && /^Tgid:\t(\d+)$/m.exec(status)?.[1];
  return tgid ? Number(tgid) : undefined;
}

/** Returns the inode of a process's network namespace; undefined if it has exited or may not be read. */
export function readNetns(root: string, pid: number): number | undefined {
  const link = readLink(`${root}/${String(pid)}/ns/net`);
  return link === undefined ? undefined : bracketed(link, 'net:[');
}

/**
 * Calls `visit` with one process of each network namespace. If it returns false, because the process has exited, calls
 * it with another one.
 *
 * @returns the pids whose descriptors may be read
 */
export function visitNamespaces(root: string, visit: (pid: number, netns: number) => boolean): number[] {
  const done = new Set<number>();
  return listPids(root).filter((pid) => {
    const netns = readNetns(root, pid);
    if (netns === undefined) return false;
    if (!done.has(netns) && visit(pid, netns)) done.add(netns);
    return true;
  });
}

/** Reads a process. Its name may contain any characters; only the line feed that the kernel appends is removed. */
export function readProcess(root: string, pid: number): Process {
  const directory = `${root}/${String(pid)}`;
  const status = readText(`${directory}/status`);
  const uid = status === undefined ? undefined : /^Uid:\t(\d+)\t/m.exec(status)?.[1];
  return {
    pid,
    comm: readText(`${directory}/comm`)?.replace(/\n$/, ''),
    uid: uid === undefined ? undefined : Number(uid),
  };
}

/** Creates a reader that caches processes, because most have many connections. */
export function createProcessReader(root: string): (pid: number) => Process {
  const known = new Map<number, Process>();
  return (pid) => {
    let process = known.get(pid);
    if (process === undefined) {
      process = readProcess(root, pid);
      known.set(pid, process);
    }
    return process;
  };
}
