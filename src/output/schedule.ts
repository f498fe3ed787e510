/** Decides when a file is due for rotation. */

export interface RotationSchedule {
  /** Rotate a file that has reached this size. */
  readonly bytes?: number;
  /** Rotate at each full multiple of this time, in local time: 1h at the full hour, 1d at midnight. */
  readonly periodMs?: number;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * Returns the number of the period that a time falls into.
 *
 * @param timeMs milliseconds since the epoch
 */
export function periodOf(timeMs: number, periodMs: number): number {
  const offsetMs = new Date(timeMs).getTimezoneOffset() * MINUTE_MS;
  // a change to or from summer time moves days, not hours
  return Math.floor((timeMs - (periodMs > HOUR_MS ? offsetMs : offsetMs % HOUR_MS)) / periodMs);
}

/**
 * Returns true if a file is due.
 *
 * @param sizeBytes its size; an empty file is never due
 * @param sinceMs time of its first write in this period
 */
export function isDue(
  {bytes = Infinity, periodMs}: RotationSchedule,
  sizeBytes: number,
  sinceMs: number,
  nowMs: number,
): boolean {
  if (sizeBytes === 0) return false;
  if (sizeBytes >= bytes) return true;
  return periodMs !== undefined && periodOf(sinceMs, periodMs) !== periodOf(nowMs, periodMs);
}
