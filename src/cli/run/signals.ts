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

/** Stops a command on a signal, after a time, or on request. */
export interface Stopper {
  readonly signal: AbortSignal;
  readonly stop: () => void;
  /** Stops when another signal is aborted. */
  follow(other: AbortSignal): void;
  /** @param ms from now */
  after(ms: number): void;
  /** Returns true if it stopped because the time of `after` has passed. */
  readonly isTimeOver: () => boolean;
  /** Restores the default actions of the signals. */
  readonly release: () => void;
}

/** Exits at once with 128 plus the number of the signal, as a shell reports it. */
export function exitBy(signal: NodeJS.Signals): never {
  process.exit(128 + constants.signals[signal]);
}

/** Resolves when pending signals are handled: Node.js polls for them once in each turn of its loop. */
export async function takeSignals(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/** Passes on the first SIGINT, SIGTERM or SIGHUP; a second one exits at once. */
interface SignalListener {
  readonly hasHungUp: () => boolean;
  readonly release: () => void;
}

/** @param onReload receives SIGHUP instead, if no terminal can hang up */
function listenForSignals(
  onFirst: (signal: NodeJS.Signals) => void,
  onReload: (() => void) | undefined,
): SignalListener {
  const reload = onReload !== undefined && !hasTerminal() ? onReload : undefined;
  let first: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGHUP' && reload !== undefined) {
      reload();
      return;
    }
    // second signal: exit even if something hangs
    if (first !== undefined) exitBy(signal);
    first = signal;
    onFirst(signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    hasHungUp: () => first === 'SIGHUP',
    release() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}

/** After a hang-up, terminates the process by SIGHUP at exit, because Node.js would abort if the terminal is gone. */
function hangUpAtExit({hasHungUp, release}: SignalListener): void {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.once('exit', () => {
    release();
    if (hasHungUp() || terminals.some((fd) => !isatty(fd))) process.kill(process.pid, 'SIGHUP');
  });
}

/**
 * Stops at the first SIGINT, SIGTERM or SIGHUP; a second one exits at once.
 *
 * @param takeFirst handles the first signal instead of stopping
 * @param onReload called for SIGHUP if no terminal can hang up; a daemon reopens its files
 */
export function createStopper(takeFirst?: (signal: NodeJS.Signals) => void, onReload?: () => void): Stopper {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let timeIsOver = false;
  const stop = (): void => {
    controller.abort();
  };
  const signals = listenForSignals(takeFirst ?? stop, onReload);
  hangUpAtExit(signals);
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
    release() {
      clearTimeout(timer);
      signals.release();
    },
  };
}
