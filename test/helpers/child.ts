/** Processes that tests start: none outlives its test, nor keeps it waiting for ever. */
import type {ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {seconds} from './machine.js';

/** Kills a process and those that it started, where it leads a group of them (`detached`). */
export function killGroup({pid}: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

interface Reaping {
  readonly lifeMs?: number;
  readonly kill?: (child: ChildProcess) => unknown;
}

/**
 * Killed, and its end waited for, when it goes out of scope, and killed after @lifeMs in any case: whoever waits for its
 * end then goes on, and finds that it was killed.
 */
export function reaped<Child extends ChildProcess>(
  child: Child,
  {lifeMs = seconds(50), kill = (it) => it.kill('SIGKILL')}: Reaping = {},
): Child & AsyncDisposable {
  const closed = once(child, 'close');
  const timer = setTimeout(kill, lifeMs, child);
  child.once('close', () => {
    clearTimeout(timer);
  });
  const disposable = child as Child & AsyncDisposable;
  disposable[Symbol.asyncDispose] = async () => {
    kill(child);
    await closed;
  };
  return disposable;
}
