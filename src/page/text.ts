/** Text of times and numbers. */
import type {PageEdge} from '../format/map/page/state.js';
import {notationOf} from '../format/notation.js';

const {bytes, microseconds} = notationOf(false);

const NONE = '-';

export function formatBytes(value: number | undefined): string {
  return value === undefined ? NONE : bytes(value);
}

export function formatDuration(us: number | undefined): string {
  return us === undefined ? NONE : microseconds(us);
}

export function formatSpread(spread: PageEdge['latencyUs']): string {
  return spread === undefined ? NONE : `${microseconds(spread.median)} (p95 ${microseconds(spread.p95)})`;
}

export function formatTime(ms: number): string {
  return new Date(ms).toLocaleString();
}

export function formatPeriod(period: number, periodUs: number): string {
  const [from, to] = [period, period + 1].map((at) => (at * periodUs) / 1000) as [number, number];
  return `${formatTime(from)} – ${new Date(to).toLocaleTimeString()}`;
}
