/** Notation of numbers in tables: a suitable unit and three digits, or a name; or exact. */
import {formatBytes, formatDecimal, formatMicroseconds} from '../model/units/format.js';
import {escapeText} from '../terminal/escape.js';

export interface Notation {
  readonly bytes: (bytes: number) => string;
  readonly microseconds: (us: number) => string;
  readonly bitsPerSecond: (bps: number) => string;
  /** @param inode of a network namespace */
  readonly netns: (inode: number) => string;
}

const [SECOND, MINUTE, HOUR, DAY] = [1e6, 60e6, 3600e6, 86_400e6];

function formatTwo(us: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((us % large) / small);
  return `${String(Math.floor(us / large))}${largeName}${String(rest).padStart(2, '0')}${smallName}`;
}

type Unit = readonly [us: number, name: string];

/** Returns a number of three digits, without zeros at the end. */
function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Formats microseconds with three digits: `153us`, `8.4ms`, `12.3s`, `3m25s`, `1h02m`, `3d04h`. */
function formatBriefly(us: number): string {
  if (us < 1000) return `${round(us)}us`;
  if (us < 999_500) return `${round(us / 1000)}ms`;
  if (us < 59.95 * SECOND) return `${round(us / SECOND)}s`;
  if (us < HOUR) return formatTwo(us, [MINUTE, 'm'], [SECOND, 's']);
  return us < DAY ? formatTwo(us, [HOUR, 'h'], [MINUTE, 'm']) : formatTwo(us, [DAY, 'd'], [HOUR, 'h']);
}

const BRIEF: Notation = {
  bytes: formatBytes,
  microseconds: formatBriefly,
  bitsPerSecond: formatDecimal,
  netns: String,
};

const EXACT: Notation = {
  bytes: String,
  microseconds: formatMicroseconds,
  bitsPerSecond: String,
  netns: String,
};

/** Returns the name of a network namespace; untrusted text. */
export type NetnsNamer = (inode: number) => string | undefined;

/** @param nameNetns by default, namespaces have no names */
export function notationOf(isExact: boolean, nameNetns?: NetnsNamer): Notation {
  if (isExact) return EXACT;
  return nameNetns ? {...BRIEF, netns: (inode) => escapeText(nameNetns(inode) ?? String(inode))} : BRIEF;
}
