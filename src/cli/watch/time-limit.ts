/** Terminates the traced command after --duration, as timeout(1) does. */
import {findDescendants} from '../../procfs/descendants.js';
import {readText} from '../../procfs/files.js';
import {fieldsOfStat} from '../../procfs/stat.js';
import {onProcessesExit} from './process-exit.js';

/** Time between SIGTERM and SIGKILL. */
const GRACE_MS = 3000;

export interface TimeLimit {
  readonly isOver: () => boolean;
  /** Stops the clock; if the time is over, waits until the terminated processes have exited. */
  readonly settle: () => Promise<void>;
}

/** Returns the process group of a process (proc_pid_stat(5)); undefined if it has exited. */
function groupOf(pid: number): string | undefined {
  const stat = readText(`/proc/${String(pid)}/stat`);
  return stat && fieldsOfStat(stat)[2];
}

/** Returns those of these processes that are in this process group; others are daemons, or have exited. */
function inOwnGroup(pids: readonly number[]): readonly number[] {
  const group = groupOf(process.pid);
  return pids.filter((pid) => groupOf(pid) === group);
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of inOwnGroup(pids))
    try {
      process.kill(pid, signal);
    } catch (error) {
      // it has just exited, or runs as another user
      if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
}

/** Terminates a process and its descendants in this process group; resolves when they have exited. */
async function terminate(pid: number): Promise<void> {
  // the process is the first, before it can take its next step
  const targets = inOwnGroup(findDescendants([pid]));
  const exited = new Promise<void>((resolve) => void onProcessesExit(targets, resolve));
  signalAll(targets, 'SIGTERM');
  const timer = setTimeout(signalAll, GRACE_MS, targets, 'SIGKILL');
  await exited;
  clearTimeout(timer);
}

/** Starts the clock for a process: SIGTERM after `durationMs`, then SIGKILL. */
export function limitTime(pid: number, durationMs: number): TimeLimit {
  let terminated: Promise<void> | undefined;
  const timer = setTimeout(() => {
    terminated = terminate(pid);
  }, durationMs);
  return {
    isOver: () => terminated !== undefined,
    async settle() {
      clearTimeout(timer);
      await terminated;
    },
  };
}
