/** Shows what happened in each interval. */
import type {ActivityMeter} from '../../aggregate/activity.js';
import type {Stopper} from '../run/signals.js';
import type {ShownOptions} from './options.js';
import type {Pace} from './pace.js';
import type {Display} from './screen.js';

/** Time since the last snapshot. */
interface Elapsed {
  /** With a fraction. */
  readonly intervals: number;
  readonly seconds: number;
}

interface IntervalClock {
  /** Begins a snapshot; returns its whole intervals, or undefined to skip it. */
  readonly begin: () => Elapsed | undefined;
  readonly elapsed: () => Elapsed;
}

function createIntervalClock({intervalMs}: Pace): IntervalClock {
  let start = performance.now();
  let isLate = false;
  const elapsed = (): Elapsed => {
    const ms = performance.now() - start;
    return {intervals: ms / intervalMs(), seconds: ms / 1000};
  };
  return {
    begin() {
      const {seconds, ...passed} = elapsed();
      const intervals = Math.max(1, Math.round(passed.intervals));
      // after SIGSTOP, events that happened meanwhile must be read first
      isLate = intervals > 2 && !isLate;
      if (isLate) return undefined;
      start = performance.now();
      return {intervals, seconds};
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
  /** Shows the last, partial interval, if there is one. @throws the error of a failed snapshot */
  readonly finish: () => Promise<void>;
}

export interface Shown {
  readonly display: Display;
  readonly meter: ActivityMeter;
  /** Makes the meter count what live connections have moved so far. */
  readonly look: () => Promise<void>;
}

/** Repeats an action every interval, whose length may change. @returns a function that stops it */
function repeat(pace: Pace, action: () => void): () => void {
  let timer = setInterval(action, pace.intervalMs());
  pace.onChange((intervalMs) => {
    clearInterval(timer);
    timer = setInterval(action, intervalMs);
  });
  return () => {
    clearInterval(timer);
    pace.onChange(() => undefined);
  };
}

/** Shows the table every interval; stops the trace after `count` snapshots or a failure. */
export function showIntervals(
  {display, meter, look}: Shown,
  pace: Pace,
  {count = Infinity}: Pick<ShownOptions, 'count'>,
  stopper: Stopper,
): Intervals {
  const clock = createIntervalClock(pace);
  let failure: unknown;
  let left = count;

  async function show(): Promise<void> {
    await look();
    const passed = clock.begin();
    if (passed === undefined) return;
    meter.tick(passed.intervals, passed.seconds);
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
    if (left <= 0 || !meter.hasNews()) return;
    const {intervals, seconds} = clock.elapsed();
    meter.tick(intervals, seconds);
    await display.show(meter);
  }

  // a snapshot that is still being written skips an interval; the next one includes it
  const snapshot = createExclusive(show);
  const stop = repeat(pace, () => {
    snapshot.run().catch((error: unknown) => {
      failure = error;
      stopper.stop();
    });
  });
  return {stop, finish};
}
