/** Formats activity as lines of text, for a screen or for a pipe. */
import {formatMicroseconds} from '../../model/units/duration.js';
import type {Source} from '../../model/event.js';
import {canFill} from '../../model/fields.js';
import {canEmit} from '../../model/schema/kinds.js';
import {formatBytes} from '../../model/units/size.js';
import type {Paint} from '../../terminal/paint.js';
import {cutEnd, cutMiddle, textWidth} from '../../terminal/width.js';
import {type Activity, type Grouping, HISTORY_LENGTH} from '../../aggregate/activity.js';
import {formatSubject, orUnknown, UNKNOWN} from '../cells.js';
import type {NameColumn} from '../name-columns.js';

export const SORT_KEYS = ['new', 'open', 'total', 'fails', 'tx', 'rx', 'rtt'] as const;

export type SortKey = (typeof SORT_KEYS)[number];

const VALUES: Readonly<Record<SortKey, (row: Activity) => number>> = {
  new: ({history}) => history.at(-1) ?? 0,
  open: ({open}) => open,
  total: ({total}) => total,
  fails: ({fails}) => fails ?? 0,
  tx: ({txBytes}) => txBytes ?? 0,
  rx: ({rxBytes}) => rxBytes ?? 0,
  rtt: ({rttUs}) => rttUs ?? 0,
};

const PID_WIDTH = 7;

/** Formats the name of a row. Pids are aligned. */
function nameOf({subject}: Activity): string {
  return formatSubject(subject, PID_WIDTH);
}

/** Sorts by a key, highest first, then by open connections, then by name, so that rows keep their places. */
export function sortActivity(rows: readonly Activity[], key: SortKey): Activity[] {
  const value = VALUES[key];
  const names = new Map(rows.map((row) => [row, nameOf(row)]));
  const isBefore = (a: Activity, b: Activity): boolean => (names.get(a) ?? '') < (names.get(b) ?? '');
  return [...rows].sort((a, b) => value(b) - value(a) || b.open - a.open || (isBefore(a, b) ? -1 : 1));
}

const BARS = ' ▁▂▃▄▅▆▇█';

/** Formats a history as bars, one character for each interval. @param max value of a full bar */
export function formatHistory(history: readonly number[], max: number): string {
  const height = (value: number): number => (value === 0 ? 0 : Math.max(1, Math.round((value / max) * 8)));
  return history.map((value) => BARS[height(value)]).join('');
}

const TITLES: Readonly<Record<Grouping, string>> = {process: 'PROCESS', remote: 'REMOTE'};

interface Figure {
  readonly key: SortKey | 'history';
  readonly title: string;
  readonly width: number;
  readonly align: 'left' | 'right';
  readonly read: (row: Activity, scale: Scale) => string;
}

/** The scale of figures. */
interface Scale {
  readonly intervalMs: number;
  /** Most connections that a row has in an interval. */
  readonly max: number;
}

function formatRate(row: Activity, {intervalMs}: Scale): string {
  const perSecond = VALUES.new(row) / (intervalMs / 1000);
  return Number.isInteger(perSecond) ? String(perSecond) : perSecond.toFixed(1);
}

function orUnknownSize(bytes: number | undefined): string {
  return bytes === undefined ? UNKNOWN : formatBytes(bytes);
}

const figure = (key: SortKey, title: string, width: number, read: Figure['read']): Figure => ({
  key,
  title,
  width,
  align: 'right',
  read,
});

const FIGURES: readonly Figure[] = [
  figure('new', 'NEW/s', 7, formatRate),
  figure('open', 'OPEN', 7, ({open}) => String(open)),
  figure('total', 'TOTAL', 8, ({total}) => String(total)),
  figure('fails', 'FAILS', 7, ({fails}) => orUnknown(fails)),
  figure('tx', 'TX', 8, ({txBytes}) => orUnknownSize(txBytes)),
  figure('rx', 'RX', 8, ({rxBytes}) => orUnknownSize(rxBytes)),
  figure('rtt', 'RTT', 9, ({rttUs}) =>
    rttUs === undefined ? UNKNOWN : formatMicroseconds(Math.round(rttUs)),
  ),
  {
    key: 'history',
    title: 'HISTORY',
    width: HISTORY_LENGTH,
    align: 'left',
    read: ({history}, {max}) => formatHistory(history, max),
  },
];

/** Figures in the order in which a narrow terminal drops them. */
const DISPENSABLE: readonly Figure['key'][] = ['total', 'history', 'rtt', 'rx', 'tx', 'fails', 'open'];

function widthOf(columns: readonly {readonly width: number}[]): number {
  return columns.reduce((sum, {width}) => sum + width + 1, 0);
}

/** Returns the figures that fit in `width` columns. The sort key always stays. */
function fittingFigures(sort: SortKey, width: number): readonly Figure[] {
  let figures = FIGURES;
  for (const key of DISPENSABLE) {
    if (widthOf(figures) <= width) break;
    if (key !== sort) figures = figures.filter((figure) => figure.key !== key);
  }
  return figures;
}

export interface ActivityView {
  readonly grouping: Grouping;
  readonly sort: SortKey;
  /** Text that a row's name or names contain, ignoring case. */
  readonly filter: string;
  /** Columns of names that were looked up, for each grouping. */
  readonly nameColumns: Readonly<Record<Grouping, readonly NameColumn[]>>;
}

/** Returns the first `lines` rows that the view includes, sorted. */
export function pickActivity(
  rows: readonly Activity[],
  {filter, sort, grouping, nameColumns}: ActivityView,
  lines: number,
): readonly Activity[] {
  const text = filter.toLowerCase();
  const included = rows.filter((row) => {
    const texts = [nameOf(row), ...nameColumns[grouping].map(({read}) => read(row.names ?? {}))];
    return text === '' || texts.some((it) => it.toLowerCase().includes(text));
  });
  return sortActivity(included, sort).slice(0, Math.max(0, lines));
}

const MIN_NAME_WIDTH = 16;

interface TableColumn {
  readonly title: string;
  readonly width: number;
  /** Text is on the left and cut in the middle to fit; figures are on the right. */
  readonly align: 'left' | 'right';
  readonly read: (row: Activity) => string;
}

type TextColumn = Pick<TableColumn, 'title' | 'read'>;

/** Returns a column as wide as its cells, within bounds. */
function fitText(
  {title, read}: TextColumn,
  rows: readonly Activity[],
  min: number,
  max: number,
): TableColumn {
  const longest = rows.reduce((most, row) => Math.max(most, textWidth(read(row))), textWidth(title));
  return {title, read, align: 'left', width: Math.max(min, Math.min(longest, max))};
}

function layOut(
  rows: readonly Activity[],
  {grouping, sort, nameColumns}: ActivityView,
  intervalMs: number,
  width: number,
): readonly TableColumn[] {
  const scale = {intervalMs, max: rows.reduce((most, {history}) => Math.max(most, ...history), 1)};
  const ofNames = nameColumns[grouping].map(({read, ...column}) => ({
    ...column,
    read: ({names = {}}: Activity) => read(names),
  }));
  const quarter = Math.max(MIN_NAME_WIDTH, Math.floor(width / 4));
  const inside = ofNames.filter(({endsRow}) => !endsRow).map((column) => fitText(column, rows, 0, quarter));
  const tail = ofNames.filter(({endsRow}) => endsRow);
  const room = width - widthOf(inside) - widthOf(tail);
  const figures = fittingFigures(sort, room - MIN_NAME_WIDTH);
  const name = {title: TITLES[grouping], read: nameOf};
  return [
    fitText(name, rows, MIN_NAME_WIDTH, room - widthOf(figures)),
    ...inside,
    ...figures.map(({read, ...column}) => ({...column, read: (row: Activity) => read(row, scale)})),
    ...tail.map((column) => fitText(column, rows, 0, Infinity)),
  ];
}

function formatLine(cells: readonly string[], columns: readonly TableColumn[], width: number): string {
  const padded = cells.map((cell, index) => {
    const {width: own = 0, align} = columns[index] ?? {};
    const text = align === 'left' ? cutMiddle(cell, own) : cell;
    const padding = ' '.repeat(Math.max(0, own - textWidth(text)));
    return align === 'left' ? text + padding : padding + text;
  });
  return cutEnd(padded.join(' ').trimEnd(), width);
}

/** Formats a header, and a line for each row, each at most `width` columns wide. */
export function formatActivity(
  rows: readonly Activity[],
  view: ActivityView,
  intervalMs: number,
  paint: Paint,
  width: number,
): string[] {
  const columns = layOut(rows, view, intervalMs, width);
  const titles = columns.map(({title}) => title);
  return [
    paint.header(formatLine(titles, columns, width)),
    ...rows.map((row) =>
      formatLine(
        columns.map(({read}) => read(row)),
        columns,
        width,
      ),
    ),
  ];
}

/** Returns true if a source knows the values of a sort key. */
export function canSortBy(source: Source, key: SortKey): boolean {
  const known: Readonly<Partial<Record<SortKey, boolean>>> = {
    fails: canEmit(source, 'fail'),
    tx: canFill(source, 'tx_bytes'),
    rx: canFill(source, 'rx_bytes'),
    rtt: canFill(source, 'rtt_us'),
  };
  return known[key] ?? true;
}

/** Sort keys that scans of /proc cannot fill. */
export const UNSEEN_BY_PROC = SORT_KEYS.filter((key) => !canSortBy('proc', key));

/** Formats the totals of all rows: `12 new/s, 34 open, 5 failed`. @param source of the events */
export function formatTotals(
  rows: readonly Activity[],
  intervalMs: number,
  lost: number,
  source: Source,
): string {
  const sum = (key: SortKey): number => rows.reduce((total, row) => total + VALUES[key](row), 0);
  const perSecond = Math.round(sum('new') / (intervalMs / 1000));
  return [
    `${String(perSecond)} new/s`,
    `${String(sum('open'))} open`,
    ...(canSortBy(source, 'fails') ? [`${String(sum('fails'))} failed`] : []),
    ...(lost > 0 ? [`${String(lost)} events lost`] : []),
  ].join(', ');
}
