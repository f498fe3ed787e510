/** Activity as lines of text: for a screen of a certain size, or for a pipe. */
import {formatMicroseconds} from '../model/duration.js';
import {formatBytes} from '../model/size.js';
import type {Paint} from '../terminal/paint.js';
import {cutEnd, textWidth} from '../terminal/width.js';
import {type Activity, type Grouping, HISTORY_LENGTH} from './activity.js';
import {UNKNOWN} from './cells.js';

export const SORT_KEYS = ['new', 'open', 'total', 'fails', 'tx', 'rx', 'rtt'] as const;

export type SortKey = (typeof SORT_KEYS)[number];

const VALUES: Readonly<Record<SortKey, (row: Activity) => number>> = {
  new: ({history}) => history.at(-1) ?? 0,
  open: ({open}) => open,
  total: ({total}) => total,
  fails: ({fails}) => fails,
  tx: ({txBytes}) => txBytes,
  rx: ({rxBytes}) => rxBytes,
  rtt: ({rttUs}) => rttUs ?? 0,
};

/** The busiest first; among equals those who have more open, then by name, so that rows stand still. */
export function sortActivity(rows: readonly Activity[], key: SortKey): Activity[] {
  const value = VALUES[key];
  return [...rows].sort((a, b) => value(b) - value(a) || b.open - a.open || (a.name < b.name ? -1 : 1));
}

const BARS = ' ▁▂▃▄▅▆▇█';

/** One character for each interval; full height is the most of all rows. */
export function formatHistory(history: readonly number[], max: number): string {
  const height = (value: number): number => (value === 0 ? 0 : Math.max(1, Math.round((value / max) * 8)));
  return history.map((value) => BARS[height(value)]).join('');
}

const TITLES: Readonly<Record<Grouping, string>> = {process: 'PROCESS', remote: 'REMOTE END'};

const FIGURES = ['NEW/s', 'OPEN', 'TOTAL', 'FAILS', 'TX', 'RX', 'RTT'];
const WIDTHS = [7, 7, 8, 7, 8, 8, 9];
const FIGURES_WIDTH = WIDTHS.reduce((sum, width) => sum + width + 1, 0);

function figures(row: Activity, intervalMs: number): readonly string[] {
  const perSecond = VALUES.new(row) / (intervalMs / 1000);
  return [
    Number.isInteger(perSecond) ? String(perSecond) : perSecond.toFixed(1),
    String(row.open),
    String(row.total),
    String(row.fails),
    formatBytes(row.txBytes),
    formatBytes(row.rxBytes),
    row.rttUs === undefined ? UNKNOWN : formatMicroseconds(Math.round(row.rttUs)),
  ];
}

export interface ActivityView {
  readonly grouping: Grouping;
  readonly sort: SortKey;
  /** Text that names must hold, in any case. */
  readonly filter: string;
}

export interface Room {
  readonly columns: number;
  /** Of the table, with its header. */
  readonly lines: number;
}

const MIN_NAME_WIDTH = 16;

/** A line for each name, the busiest first, as many as there is room for; no line is wider than that. */
export function formatActivity(
  rows: readonly Activity[],
  {grouping, sort, filter}: ActivityView,
  intervalMs: number,
  paint: Paint,
  room: Room,
): string[] {
  const wanted = rows.filter(({name}) => name.toLowerCase().includes(filter.toLowerCase()));
  const shown = sortActivity(wanted, sort).slice(0, Math.max(0, room.lines - 1));
  const max = shown.reduce((most, {history}) => Math.max(most, ...history), 1);
  const longest = shown.reduce((most, {name}) => Math.max(most, textWidth(name)), 0);
  const nameWidth = Math.max(
    MIN_NAME_WIDTH,
    Math.min(longest, room.columns - FIGURES_WIDTH - HISTORY_LENGTH - 1),
  );
  const line = (name: string, cells: readonly string[], history: string): string => {
    const fitting = cutEnd(name, nameWidth);
    const padded = fitting + ' '.repeat(nameWidth - textWidth(fitting));
    const figuresText = cells.map((cell, index) => cell.padStart(WIDTHS[index] ?? 0)).join(' ');
    return cutEnd(`${padded} ${figuresText} ${history}`.trimEnd(), room.columns);
  };
  return [
    paint.header(line(TITLES[grouping], FIGURES, 'HISTORY')),
    ...shown.map((row) => line(row.name, figures(row, intervalMs), formatHistory(row.history, max))),
  ];
}

/** `12 new/s, 34 open, 5 failed`, of all rows together. */
export function formatTotals(rows: readonly Activity[], intervalMs: number, lost: number): string {
  const sum = (key: SortKey): number => rows.reduce((total, row) => total + VALUES[key](row), 0);
  const perSecond = Math.round(sum('new') / (intervalMs / 1000));
  return [
    `${String(perSecond)} new/s`,
    `${String(sum('open'))} open`,
    `${String(sum('fails'))} failed`,
    ...(lost > 0 ? [`${String(lost)} events lost`] : []),
  ].join(', ');
}
