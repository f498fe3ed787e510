import {existsSync} from 'node:fs';

/** Whether a process (or thread) of this number is there now. */
export function processExists(pid: number): boolean {
  return existsSync(`/proc/${String(pid)}`);
}
