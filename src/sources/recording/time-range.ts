/** Selects events by time. */
import type {TraceEvent} from '../../model/event.js';
import {compareTimes} from '../../model/units/time.js';

/**
 * Returns a test for events between two times, both included.
 *
 * @param since RFC 3339, UTC; undefined is without limit
 */
export function within(since: string | undefined, until: string | undefined): (event: TraceEvent) => boolean {
  return ({time}) =>
    (since === undefined || compareTimes(time, since) >= 0) &&
    (until === undefined || compareTimes(time, until) <= 0);
}
