import {memoize} from '../basics/memo.js';

const SECONDS = 'YYYY-MM-DDTHH:MM:SS'.length;

const parseSeconds = memoize((seconds: string) => Date.parse(`${seconds}Z`) * 1000);

/** Returns the time of an event in microseconds since the epoch. */
export function parseTimeUs(time: string): number {
  const fraction = time.slice(SECONDS + 1, SECONDS + 7).replace('Z', '');
  return parseSeconds(time.slice(0, SECONDS)) + Number(fraction.padEnd(6, '0'));
}

/** Compares two times of events (RFC 3339, UTC), which may have fractions of different lengths; '' comes before all. */
export function compareTimes(a: string, b: string): number {
  const [first, second] = a.length === b.length ? [a, b] : [withNanoseconds(a), withNanoseconds(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function withNanoseconds(time: string): string {
  return time === '' ? '' : `${time.slice(0, 19)}.${time.slice(20, -1).padEnd(9, '0')}Z`;
}
