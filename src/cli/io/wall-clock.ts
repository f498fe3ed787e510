/** Reads the wall clock in microseconds. */

/** A larger difference between Date.now() and the monotonic clock means that the wall clock was set. */
const DRIFT_MS = 2;

let originMs = performance.timeOrigin;

/** Microseconds since the epoch, as in events. */
export function nowUs(): number {
  const elapsedMs = performance.now();
  const wallMs = Date.now();
  if (Math.abs(originMs + elapsedMs - wallMs) > DRIFT_MS) originMs = wallMs - elapsedMs;
  return Math.round((originMs + elapsedMs) * 1000);
}
