import {constants} from 'node:os';
import {setImmediate} from 'node:timers/promises';
import {isatty} from 'node:tty';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

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
 */
export function createStopper(takeFirst?: (signal: NodeJS.Signals) => void): Stopper {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let signalled = false;
  let hungUp = false;
  let timeIsOver = false;
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  const stop = (): void => {
    controller.abort();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
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
