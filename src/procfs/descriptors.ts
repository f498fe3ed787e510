/** Lists the sockets that a process holds. Uses the addon if possible, which reads all links in one call. */
import {loadAddon} from '../kernel/addon.js';
import {readDirectory, readLink} from './files.js';
import {bracketed} from './processes.js';

/**
 * Reads the sockets that a process holds, as pairs of a descriptor and an inode, one after the other; a duplicated
 * descriptor repeats its inode. Undefined if unknown.
 *
 * @param directory /proc/PID/fd
 */
export type ReadDescriptors = (directory: string) => ArrayLike<number> | undefined;

/** Reads the descriptors without the addon; skips those that were closed meanwhile or are inaccessible. */
export function readDescriptors(directory: string): number[] {
  const pairs: number[] = [];
  for (const fd of readDirectory(directory) ?? []) {
    const link = readLink(`${directory}/${fd}`);
    const inode = link === undefined ? undefined : bracketed(link, 'socket:[');
    if (inode !== undefined) pairs.push(Number(fd), inode);
  }
  return pairs;
}

/** Finds a descriptor number of a socket in a process; undefined if it holds none. */
export function findSocketDescriptor(pid: number, inode: number): number | undefined {
  const directory = `/proc/${String(pid)}/fd`;
  const link = `socket:[${String(inode)}]`;
  const found = readDirectory(directory)?.find((fd) => readLink(`${directory}/${fd}`) === link);
  return found === undefined ? undefined : Number(found);
}

let readByAddon: ReadDescriptors | undefined;

/** Returns the addon's reader; without the addon, a function that returns undefined, so that readDescriptors() is used. */
function findReader(): ReadDescriptors {
  try {
    return loadAddon().socketDescriptors;
  } catch {
    return () => undefined;
  }
}

/** Calls `visit` for each descriptor of a socket that a process holds; an inode may repeat. */
export function visitSockets(
  root: string,
  pid: number,
  visit: (inode: number, pid: number, fd: number) => void,
): void {
  const directory = `${root}/${String(pid)}/fd`;
  readByAddon ??= findReader();
  const pairs = readByAddon(directory) ?? readDescriptors(directory);
  for (let i = 0; i < pairs.length; i += 2) visit(pairs[i + 1] as number, pid, pairs[i] as number);
}
