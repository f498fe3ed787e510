/** Finds system programs in directories that only root can write: PATH is under the user's control. */
import {existsSync} from 'node:fs';

const DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Returns the absolute path of a program; undefined if it is not installed. */
export function findProgram(name: string): string | undefined {
  return DIRECTORIES.map((directory) => `${directory}/${name}`).find((path) => existsSync(path));
}
