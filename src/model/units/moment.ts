/** Parses points in time that a user writes. */
import {parseDuration} from './duration.js';
import {usageError} from '../errors.js';
import {quote} from '../basics/quote.js';

const DATE = String.raw`(?:(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)|(?<word>today|yesterday))`;
const TIME = String.raw`(?<hour>\d\d?):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.(?<fraction>\d{1,9}))?)?`;
const ZONE = String.raw`(?<zone>Z|[+-]\d\d:?\d\d)`;
const MOMENT = new RegExp(`^(?:${DATE}(?:[T ]${TIME}${ZONE}?)?|${TIME.replaceAll('?<', '?<only_')})$`, 'i');

type Parts = Readonly<Record<string, string | undefined>>;

/** Returns year, month (from 0) and day in local time. */
function dayOf({year, month, day, word}: Parts, nowMs: number): readonly [number, number, number] {
  if (year !== undefined) return [Number(year), Number(month) - 1, Number(day)];
  const now = new Date(nowMs);
  const daysAgo = word?.toLowerCase() === 'yesterday' ? 1 : 0;
  return [now.getFullYear(), now.getMonth(), now.getDate() - daysAgo];
}

/** Returns the offset from UTC in minutes, positive to the east; undefined for local time. */
function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined;
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
}

function isCalendarDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month, day));
  return date.getUTCMonth() === month && date.getUTCDate() === day;
}

/** Returns milliseconds since the epoch, without fractions of a second; NaN for an impossible time. */
function toMs(parts: Parts, nowMs: number): number {
  const [year, month, day] = dayOf(parts, nowMs);
  const [hour, minute, second] = [parts.hour, parts.minute, parts.second].map((text) => Number(text ?? 0));
  if (hour === undefined || minute === undefined || second === undefined) return NaN;
  if (hour > 23 || minute > 59 || second > 60) return NaN;
  if (parts.year !== undefined && !isCalendarDay(year, month, day)) return NaN;
  const offset = offsetOf(parts.zone);
  if (offset === undefined) return new Date(year, month, day, hour, minute, second).getTime();
  return Date.UTC(year, month, day, hour, minute, second) - offset * 60_000;
}

function format(ms: number, fraction: string): string {
  return `${new Date(ms).toISOString().slice(0, 19)}.${fraction.padEnd(9, '0')}Z`;
}

/**
 * Parses a time such as `2026-11-28T10:00:00Z`, `2026-11-28 10:00`, `today 10:00`, `yesterday`, `10:00`, `now` or `-10m`.
 * Without a zone, the time is local. A date alone means its midnight; a time alone means today.
 *
 * @returns RFC 3339, UTC, with nanoseconds, as in events
 * @throws TcptraceError (usage) if the text is not a time
 */
export function parseMoment(text: string, nowMs = Date.now()): string {
  if (text === 'now') return format(nowMs, String(nowMs % 1000).padStart(3, '0'));
  if (text.startsWith('-')) {
    const thenMs = nowMs - parseDuration(text.slice(1));
    return format(thenMs, String(thenMs % 1000).padStart(3, '0'));
  }
  const parts: Record<string, string> = {};
  // typed as complete, but groups that did not match are undefined
  const groups: Parts = MOMENT.exec(text)?.groups ?? {};
  for (const [name, value] of Object.entries(groups))
    if (value !== undefined) parts[name.replace('only_', '')] = value;
  const ms = Object.keys(parts).length === 0 ? NaN : toMs(parts, nowMs);
  if (!Number.isNaN(ms)) return format(ms, parts.fraction ?? '');
  const hint = 'use a time such as 2026-11-28T10:00:00Z, "today 10:00" or -10m';
  throw usageError(`invalid value ${quote(text)}`, hint);
}
