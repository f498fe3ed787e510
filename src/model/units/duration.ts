import {usageError} from '../errors.js';
import {MAX_TIMER_MS} from '../limits.js';
import {quote} from '../basics/quote.js';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Parses a duration such as `10s`, `500ms`, `2m`, `1h30m` or `1.5s`; a number alone is seconds.
 *
 * @returns milliseconds, more than 0
 * @throws TcptraceError (usage) if the text is not a duration, or longer than 24 days
 */
export function parseDuration(text: string): number {
  const isBare = /^\d+(?:\.\d+)?$/.test(text);
  if (!isBare && !/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text))
    throw usageError(`invalid value ${quote(text)}`, 'use a duration such as 10s, 500ms, 2m or 1h30m');
  let ms = 0;
  for (const [, amount, unit] of (isBare ? `${text}s` : text).matchAll(/([\d.]+)([a-z]+)/g))
    ms += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  ms = Math.round(ms);
  if (ms < 1) throw usageError(`invalid value ${quote(text)}`, 'the shortest duration is 1ms');
  if (ms > MAX_TIMER_MS) throw usageError(`invalid value ${quote(text)}`, 'the longest duration is 24d');
  return ms;
}
