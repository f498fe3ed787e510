import {parseTimeUs} from '../model/time.js';

/** `2026-11-23T15:51:02.123456789Z` -> `15:51:02.123456` in this machine's time zone. */
export type LocalTimeFormatter = (time: string) => string;

const SECONDS = 'YYYY-MM-DDTHH:MM:SS'.length;
const MICROSECONDS = '.uuuuuu'.length;

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** Consecutive events mostly lie in the same second, so its text is made once. */
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

/** Of the day; since the first row; since the row before. */
export type TimeStyle = (typeof TIME_STYLES)[number];

/** Seconds since another moment, to the microsecond; events of different CPUs may come in an order of their own. */
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
