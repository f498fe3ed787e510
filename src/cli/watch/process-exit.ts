/** When processes that are followed have ended. */
import {closeSync, openSync, readSync} from 'node:fs';
import {fieldsOfStat} from '../../procfs/stat.js';

/** How late it may be noticed. */
const INTERVAL_MS = 500;

/** A file that stays that of this process, whoever gets its number; undefined where it has ended. */
function openStat(pid: number): number | undefined {
  try {
    return openSync(`/proc/${String(pid)}/stat`, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** Whether it has ended, be it waited for or not (proc_pid_stat(5)). */
function hasEnded(stat: number): boolean {
  const bytes = Buffer.alloc(256);
  try {
    const [state = ''] = fieldsOfStat(bytes.toString('latin1', 0, readSync(stat, bytes, 0, bytes.length, 0)));
    return ['Z', 'X'].includes(state);
  } catch {
    return true;
  }
}

/**
 * Calls back once, when all of these processes have ended.
 *
 * @returns how to stop looking
 */
export function onProcessesEnd(pids: readonly number[], callback: () => void): () => void {
  let open = pids.flatMap((pid) => openStat(pid) ?? []);
  const timer = setInterval(() => {
    const ended = new Set(open.filter(hasEnded));
    open = open.filter((stat) => !ended.has(stat));
    ended.forEach(closeSync);
    if (open.length > 0) return;
    clearInterval(timer);
    callback();
  }, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    open.forEach(closeSync);
  };
}
