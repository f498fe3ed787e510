import {constants} from 'node:os';
import {setImmediate} from 'node:timers/promises';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Ends what runs: by a signal, after a time, or when something else asks for it. */
export interface Stopper {
  readonly signal: AbortSignal;
  readonly stop: () => void;
  /** Stops when another signal is aborted. */
  follow(other: AbortSignal): void;
  /** @param ms from now */
  after(ms: number): void;
  /** Gives signals back to their default actions. */
  release(): void;
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
 * The first SIGINT or SIGTERM stops, a second one ends the process at once.
 *
 * @param takeFirst what else the first one is for
 */
export function createStopper(takeFirst?: (signal: NodeJS.Signals) => void): Stopper {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let signalled = false;
  const stop = (): void => {
    controller.abort();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    // whatever hangs, the user wants out
    if (signalled) exitBy(signal);
    signalled = true;
    if (takeFirst) takeFirst(signal);
    else stop();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    stop,
    follow(other) {
      other.addEventListener('abort', stop, {once: true});
    },
    after(ms) {
      timer = setTimeout(stop, ms);
    },
    release() {
      clearTimeout(timer);
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
