import {readFileSync} from 'node:fs';
import {constants} from 'node:os';
import {setImmediate} from 'node:timers/promises';
import {isatty} from 'node:tty';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Returns true if a terminal controls this process, or is one of its standard streams. */
function hasTerminal(): boolean {
  if ([0, 1, 2].some((fd) => isatty(fd))) return true;
  try {
    // tty_nr of proc_pid_stat(5)
    return (
      readFileSync('/proc/self/stat', 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ')[4] !== '0'
    );
  } catch {
    return true;
  }
}

/** Ends what runs: by a signal, after a time, or when something else asks for it. */
export interface Stopper {
  readonly signal: AbortSignal;
  readonly stop: () => void;
  /** Stops when another signal is aborted. */
  follow(other: AbortSignal): void;
  /** @param ms from now */
  after(ms: number): void;
  /** Whether that is what stopped it. */
  readonly isTimeOver: () => boolean;
  /** Gives signals back to their default actions. */
  readonly release: () => void;
}

/** Ends at once, with the code that a shell has for it. */
export function exitBy(signal: NodeJS.Signals): never {
  process.exit(128 + constants.signals[signal]);
}

/** Resolves when the signals that have come are handled: Node.js looks for them once in each turn of its loop. */
export async function takeSignals(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/**
 * The first SIGINT, SIGTERM or SIGHUP stops, a second one ends the process at once. After a hang-up it is by that signal
 * that the process ends, when all is done: Node.js would abort where the terminal is gone.
 *
 * @param takeFirst what else the first one is for
 * @param onReload called for SIGHUP if no terminal can hang up: a daemon reopens its files then
 */
export function createStopper(takeFirst?: (signal: NodeJS.Signals) => void, onReload?: () => void): Stopper {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let signalled = false;
  let hungUp = false;
  let timeIsOver = false;
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  const reload = onReload !== undefined && !hasTerminal() ? onReload : undefined;
  const stop = (): void => {
    controller.abort();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGHUP' && reload !== undefined) {
      reload();
      return;
    }
    // whatever hangs, the user wants out
    if (signalled) exitBy(signal);
    signalled = true;
    hungUp = signal === 'SIGHUP';
    if (takeFirst) takeFirst(signal);
    else stop();
  };
  const release = (): void => {
    clearTimeout(timer);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.once('exit', () => {
    release();
    if (hungUp || terminals.some((fd) => !isatty(fd))) process.kill(process.pid, 'SIGHUP');
  });
  return {
    signal: controller.signal,
    stop,
    follow(other) {
      other.addEventListener('abort', stop, {once: true});
    },
    after(ms) {
      timer = setTimeout(() => {
        timeIsOver = !controller.signal.aborted;
        stop();
      }, ms);
    },
    isTimeOver: () => timeIsOver,
    release,
  };
}
