import {usageError} from './errors.js';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Timers of Node.js hold a 31 bit number of milliseconds. */
export const MAX_MS = 2 ** 31 - 1;

/**
 * Reads a span of time such as `10s`, `500ms`, `2m`, `1h30m` or `1.5s`.
 *
 * @returns milliseconds, more than 0
 * @throws TcptraceError (usage) where the text is no duration, or longer than 24 days
 */
export function parseDuration(text: string): number {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)) {
    throw usageError(`not a duration: ${JSON.stringify(text)}`, 'write 10s, 500ms, 2m or 1h30m');
  }
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)([a-z]+)/g))
    ms += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  ms = Math.round(ms);
  if (ms < 1) throw usageError(`too short: ${JSON.stringify(text)}`, 'the shortest duration is 1ms');
  if (ms > MAX_MS) throw usageError(`too long: ${JSON.stringify(text)}`, 'the longest duration is 24d');
  return ms;
}

/** Microseconds in the unit that suits them, nothing rounded: `153us`, `1.234ms`, `12.345678s`. */
export function formatMicroseconds(us: number): string {
  if (us < 1000) return `${String(us)}us`;
  if (us < 1_000_000) return `${String(us / 1000)}ms`;
  return `${String(us / 1_000_000)}s`;
}
