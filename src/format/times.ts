import {parseTimeUs} from '../model/units/time.js';

/** Formats `2026-11-23T15:51:02.123456789Z` as `15:51:02.123456` in the local time zone. */
export type LocalTimeFormatter = (time: string) => string;

const SECONDS = 'YYYY-MM-DDTHH:MM:SS'.length;
const MICROSECONDS = '.uuuuuu'.length;

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** Caches the text of the current second. */
export function createLocalTimeFormatter(): LocalTimeFormatter {
  let known = '';
  let clock = '';
  return (time) => {
    const second = time.slice(0, SECONDS);
    if (second !== known) {
      known = second;
      const date = new Date(`${second}Z`);
      clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
    }
    return clock + time.slice(SECONDS, SECONDS + MICROSECONDS);
  };
}

export const TIME_STYLES = ['absolute', 'relative', 'delta'] as const;

/** Time of day, elapsed since the first row, or elapsed since the previous row. */
export type TimeStyle = (typeof TIME_STYLES)[number];

/** Formats elapsed seconds with microseconds; they may be negative, because CPUs report events independently. */
function createElapsedFormatter(isDelta: boolean): LocalTimeFormatter {
  let originUs: number | undefined;
  return (time) => {
    const us = parseTimeUs(time);
    originUs ??= us;
    const seconds = ((us - originUs) / 1e6).toFixed(6);
    if (isDelta) originUs = us;
    return `${seconds.startsWith('-') ? '' : '+'}${seconds}`;
  };
}

export function createTimeFormatter(style: TimeStyle): LocalTimeFormatter {
  return style === 'absolute' ? createLocalTimeFormatter() : createElapsedFormatter(style === 'delta');
}

/** Shortens a time to milliseconds. */
export function shortenTime(time: string): string {
  return time.slice(0, -'uuu'.length);
}
