/** Lists the sockets that a process holds. Uses the addon if possible, which reads all links in one call. */
import {loadAddon} from '../kernel/addon.js';
import {readDirectory, readLink} from './files.js';
import {bracketed} from './processes.js';

/**
 * Reads the inodes of the sockets that a process holds; a duplicated descriptor repeats its inode. Undefined if unknown.
 *
 * @param directory /proc/PID/fd
 */
export type ReadInodes = (directory: string) => Iterable<number> | undefined;

/** Reads the inodes without the addon; skips descriptors that were closed meanwhile or are inaccessible. */
export function readInodes(directory: string): number[] {
  const inodes: number[] = [];
  for (const fd of readDirectory(directory) ?? []) {
    const link = readLink(`${directory}/${fd}`);
    const inode = link === undefined ? undefined : bracketed(link, 'socket:[');
    if (inode !== undefined) inodes.push(inode);
  }
  return inodes;
}

/** Finds a descriptor number of a socket in a process; undefined if it holds none. */
export function findSocketDescriptor(pid: number, inode: number): number | undefined {
  const directory = `/proc/${String(pid)}/fd`;
  const link = `socket:[${String(inode)}]`;
  const found = readDirectory(directory)?.find((fd) => readLink(`${directory}/${fd}`) === link);
  return found === undefined ? undefined : Number(found);
}

let readByAddon: ReadInodes | undefined;

/** Returns the addon's reader; without the addon, a function that returns undefined, so that readInodes() is used. */
function findReader(): ReadInodes {
  try {
    return loadAddon().socketInodes;
  } catch {
    return () => undefined;
  }
}

/** Calls `visit` with the inode of each socket that a process holds; an inode may repeat. */
export function visitSockets(root: string, pid: number, visit: (inode: number, pid: number) => void): void {
  const directory = `${root}/${String(pid)}/fd`;
  readByAddon ??= findReader();
  for (const inode of readByAddon(directory) ?? readInodes(directory)) visit(inode, pid);
}
