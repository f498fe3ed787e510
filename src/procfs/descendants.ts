import {readDirectory, readText} from './files.js';
import {fieldsOfStat} from './stat.js';

/** Reads the parent of each process (proc_pid_stat(5)). */
function readParents(root: string): Map<number, number> {
  const parents = new Map<number, number>();
  for (const name of readDirectory(root) ?? []) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readText(`${root}/${name}/stat`);
    const parent = stat && fieldsOfStat(stat)[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  return parents;
}

/** Returns the processes and their current descendants, except those of an exited parent. */
export function findDescendants(pids: readonly number[], root = '/proc'): readonly number[] {
  if (pids.length === 0) return pids;
  const found = new Set(pids);
  const parents = readParents(root);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}
