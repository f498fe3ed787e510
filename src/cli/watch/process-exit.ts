/** Detects the exit of followed processes. */
import {closeSync, openSync, readSync} from 'node:fs';
import {fieldsOfStat} from '../../procfs/stat.js';

/** Polling interval. */
const INTERVAL_MS = 500;

/** Opens a file that identifies the process even if its pid is reused; undefined if it has exited. */
function openStat(pid: number): number | undefined {
  try {
    return openSync(`/proc/${String(pid)}/stat`, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** True if the process has exited, reaped or not (proc_pid_stat(5)). */
function hasExited(stat: number): boolean {
  const bytes = Buffer.alloc(256);
  try {
    const [state = ''] = fieldsOfStat(bytes.toString('latin1', 0, readSync(stat, bytes, 0, bytes.length, 0)));
    return ['Z', 'X'].includes(state);
  } catch {
    return true;
  }
}

/**
 * Calls `callback` once, when all of these processes have exited.
 *
 * @returns a function that stops polling
 */
export function onProcessesExit(pids: readonly number[], callback: () => void): () => void {
  let open = pids.flatMap((pid) => openStat(pid) ?? []);
  const timer = setInterval(() => {
    const exited = new Set(open.filter(hasExited));
    open = open.filter((stat) => !exited.has(stat));
    exited.forEach(closeSync);
    if (open.length > 0) return;
    clearInterval(timer);
    callback();
  }, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    open.forEach(closeSync);
  };
}
