/** The time that a map covers, in periods of equal length, which double when there are too many. */

/** Limit of periods. */
const MAX_PERIODS = 120;

const SHORTEST_PERIOD_US = 1_000_000;

export interface Timeline {
  periodUs: number;
  /** Infinity as long as it is empty. */
  firstUs: number;
  lastUs: number;
}

export function createTimeline(): Timeline {
  return {periodUs: SHORTEST_PERIOD_US, firstUs: Infinity, lastUs: -Infinity};
}

/** Returns the number of the period that contains a time. */
export function periodOf({periodUs}: Pick<Timeline, 'periodUs'>, timeUs: number): number {
  return Math.floor(timeUs / periodUs);
}

export function extendTo(timeline: Timeline, timeUs: number): void {
  timeline.firstUs = Math.min(timeline.firstUs, timeUs);
  timeline.lastUs = Math.max(timeline.lastUs, timeUs);
  while (periodOf(timeline, timeline.lastUs) - periodOf(timeline, timeline.firstUs) >= MAX_PERIODS)
    timeline.periodUs *= 2;
}
