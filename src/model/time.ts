/**
 * Microseconds since the epoch.
 *
 * @param time RFC 3339, UTC, as in events
 */
export function parseTimeUs(time: string): number {
  const [, fraction = ''] = /\.(\d+)Z$/.exec(time) ?? [];
  return Date.parse(`${time.slice(0, 19)}Z`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}
