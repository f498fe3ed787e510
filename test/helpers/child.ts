/** Kills the child processes of a test when it ends or takes too long. */
import type {ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {seconds} from './machine.js';

/** Kills the process group that a process started with `detached` leads. */
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
 * Makes a child process disposable: it is killed, and awaited, when it goes out of scope. It is also killed after
 * `lifeMs`, so that code which waits for its exit continues.
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
