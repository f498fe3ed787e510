/** Shows what happened in each interval. */
import type {ActivityMeter} from '../../aggregate/activity.js';
import type {Stopper} from '../run/signals.js';
import type {TopOptions} from './options.js';
import type {Display} from './screen.js';

/** Counts the intervals since the last snapshot. */
interface IntervalClock {
  /** Begins a snapshot; returns its intervals, or undefined to skip it. */
  readonly begin: () => number | undefined;
  /** Returns the intervals so far, with a fraction. */
  readonly elapsed: () => number;
}

function createIntervalClock(intervalMs: number): IntervalClock {
  let start = performance.now();
  let isLate = false;
  const elapsed = (): number => (performance.now() - start) / intervalMs;
  return {
    begin() {
      const intervals = Math.max(1, Math.round(elapsed()));
      // after SIGSTOP, events that happened meanwhile must be read first
      isLate = intervals > 2 && !isLate;
      if (isLate) return undefined;
      start = performance.now();
      return intervals;
    },
    elapsed,
  };
}

/** Keeps an asynchronous action from running twice at the same time. */
interface Exclusive {
  /** Runs the action, unless its previous run has not finished. */
  readonly run: () => Promise<void>;
  /** Resolves when no run is pending, even if the last one failed. */
  readonly settle: () => Promise<void>;
}

function createExclusive(action: () => Promise<void>): Exclusive {
  let running: Promise<void> | undefined;
  return {
    async run() {
      if (running !== undefined) return;
      running = action();
      await running;
      running = undefined;
    },
    async settle() {
      await running?.catch(() => undefined);
    },
  };
}

export interface Intervals {
  readonly stop: () => void;
  /** Shows the last, partial interval if --duration stopped the trace. @throws the error of a failed snapshot */
  readonly finish: () => Promise<void>;
}

/** Shows the table every interval; stops the trace after `count` snapshots or a failure. */
export function showIntervals(
  display: Display,
  meter: ActivityMeter,
  {intervalMs, count = Infinity}: TopOptions,
  stopper: Stopper,
): Intervals {
  const clock = createIntervalClock(intervalMs);
  let failure: unknown;
  let left = count;

  const stop = (): void => {
    clearInterval(timer);
  };

  async function show(): Promise<void> {
    const intervals = clock.begin();
    if (intervals === undefined) return;
    meter.tick(intervals);
    left -= 1;
    // detaching may take longer than an interval
    if (left <= 0) stop();
    await display.show(meter);
    if (left <= 0) stopper.stop();
  }

  async function finish(): Promise<void> {
    stop();
    await snapshot.settle();
    if (failure !== undefined) throw failure as Error;
    if (!stopper.isTimeOver() || !meter.hasNews()) return;
    meter.tick(clock.elapsed());
    await display.show(meter);
  }

  // a snapshot that is still being written skips an interval; the next one includes it
  const snapshot = createExclusive(show);
  const timer = setInterval(() => {
    snapshot.run().catch((error: unknown) => {
      failure = error;
      stopper.stop();
    });
  }, intervalMs);
  return {stop, finish};
}
