/** The sockets that a process holds: the addon reads all its links by one call, at half the cost. */
import {loadAddon} from '../kernel/binding.js';
import {readDirectory, readLink} from './files.js';
import {bracketed} from './processes.js';

/**
 * Inodes of the sockets among the descriptors of a process; one may come more than once. Undefined where it does not know.
 *
 * @param directory /proc/PID/fd
 */
export type ReadInodes = (directory: string) => Iterable<number> | undefined;

/** Without the addon. What cannot be read is gone, or not ours to look into, or an error that is thrown. */
export function readInodes(directory: string): number[] {
  const inodes: number[] = [];
  for (const fd of readDirectory(directory) ?? []) {
    const link = readLink(`${directory}/${fd}`);
    const inode = link === undefined ? undefined : bracketed(link, 'socket:[');
    if (inode !== undefined) inodes.push(inode);
  }
  return inodes;
}

let readByAddon: ReadInodes | undefined;

/** /proc can be read where the addon cannot be loaded, only slower. */
function findReader(): ReadInodes {
  try {
    return loadAddon().socketInodes;
  } catch {
    return () => undefined;
  }
}

/** Calls back with the inode of each socket among its descriptors; one may come more than once. */
export function visitSockets(root: string, pid: number, visit: (inode: number, pid: number) => void): void {
  const directory = `${root}/${String(pid)}/fd`;
  readByAddon ??= findReader();
  for (const inode of readByAddon(directory) ?? readInodes(directory)) visit(inode, pid);
}
