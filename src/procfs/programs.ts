/** Programs of the system, at the places where root alone puts any: PATH is the user's. */
import {existsSync} from 'node:fs';

const DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** @returns its absolute path; undefined where it is not installed */
export function findProgram(name: string): string | undefined {
  return DIRECTORIES.map((directory) => `${directory}/${name}`).find((path) => existsSync(path));
}
