/** Formats activity as lines of text, for a screen or for a pipe. */
import type {Source} from '../../../model/event.js';
import {formatBytes} from '../../../model/units/format.js';
import type {Paint} from '../../../terminal/paint.js';
import {cutEnd, cutMiddle, textWidth} from '../../../terminal/width.js';
import {type Activity, perSecond} from '../../../aggregate/activity-row.js';
import type {Grouping} from '../../../aggregate/activity.js';
import type {NameColumn} from '../../table/name-columns.js';
import {UNKNOWN} from '../../table/cells.js';
import {formatPeer} from '../../parties.js';
import {type FigureName, fittingFigures, historyOf, type Scale, widthOf} from './figures.js';
import {canSortBy, nameOf, sortActivity, type SortKey, VALUES} from './sort.js';
import type {Notation} from '../../notation.js';
import type {ReportOptions} from '../report.js';

const TITLES: Readonly<Record<Grouping, string>> = {
  process: 'PROCESS',
  program: 'PROGRAM',
  connection: 'CONNECTION',
  remote: 'REMOTE',
  lport: 'LOCAL PORT',
  user: 'USER',
  container: 'CONTAINER',
  pod: 'POD',
};

export interface ActivityView {
  readonly grouping: Grouping;
  readonly sort: SortKey;
  /** Decides which figures are known. */
  readonly source: Source;
  /** Text that a row's name or names contain, ignoring case. */
  readonly filter: string;
  /** Show the smallest value first. */
  readonly isReversed?: boolean;
  /** Columns of names that were looked up, for each grouping. */
  readonly nameColumns: Readonly<Record<Grouping, readonly NameColumn[]>>;
  /** The processes at the other endpoint were looked up. */
  readonly peers?: boolean | undefined;
  /** Figures to show; undefined shows as many as fit. */
  readonly columns?: readonly FigureName[] | undefined;
}

/** Returns the process at the other endpoint of a connection; `-` if it is unknown. */
function peerOf({withPeer}: Activity): string {
  return (withPeer && formatPeer(withPeer)) ?? UNKNOWN;
}

/** Returns the rows that the view includes, sorted. */
export function orderActivity(
  rows: readonly Activity[],
  {filter, sort, grouping, nameColumns, isReversed = false}: ActivityView,
): readonly Activity[] {
  const text = filter.toLowerCase();
  const included = rows.filter((row) => {
    const texts = [nameOf(row), peerOf(row), ...nameColumns[grouping].map(({read}) => read(row.names ?? {}))];
    return text === '' || texts.some((it) => it.toLowerCase().includes(text));
  });
  const sorted = sortActivity(included, sort);
  return isReversed ? sorted.reverse() : sorted;
}

/** Returns the first `lines` of these rows. */
export function pickActivity(
  rows: readonly Activity[],
  view: ActivityView,
  lines: number,
): readonly Activity[] {
  return orderActivity(rows, view).slice(0, Math.max(0, lines));
}

const MIN_NAME_WIDTH = 16;

/** Names up to this width are preferred to further figures: PID and 15 characters, IPv6 address and port. */
const PREFERRED_WIDTH: Readonly<Record<Grouping, number>> = {
  process: 23,
  program: MIN_NAME_WIDTH,
  connection: 55,
  remote: 47,
  lport: MIN_NAME_WIDTH,
  user: MIN_NAME_WIDTH,
  container: 48,
  pod: 48,
};

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

function scaleOf(
  rows: readonly Activity[],
  view: ActivityView,
  intervalMs: number,
  notation: Notation,
): Scale {
  const history = historyOf(view);
  return {intervalMs, history, notation, max: rows.reduce((most, row) => Math.max(most, ...row[history]), 1)};
}

function layOut(
  rows: readonly Activity[],
  view: ActivityView,
  scale: Scale,
  width: number,
): readonly TableColumn[] {
  const {grouping, nameColumns} = view;
  const ofNames = nameColumns[grouping].map(({read, ...column}) => ({
    ...column,
    read: ({names = {}}: Activity) => read(names),
  }));
  const quarter = Math.max(MIN_NAME_WIDTH, Math.floor(width / 4));
  const ofPeers = view.peers === true && grouping === 'connection' ? [{title: 'PEER', read: peerOf}] : [];
  const inside = [...ofPeers, ...ofNames.filter(({endsRow}) => !endsRow)].map((column) =>
    fitText(column, rows, 0, quarter),
  );
  const tail = ofNames.filter(({endsRow}) => endsRow);
  const room = width - widthOf(inside) - widthOf(tail);
  const title = {title: TITLES[grouping], read: nameOf};
  const preferred = fitText(title, rows, MIN_NAME_WIDTH, PREFERRED_WIDTH[grouping]).width;
  const figures = fittingFigures(view, room - preferred).map(({read, ...column}): TableColumn => {
    const cells = rows.map((row) => read(row, scale).length);
    // exact numbers may be wider
    return {...column, width: Math.max(column.width, ...cells), read: (row) => read(row, scale)};
  });
  return [
    fitText(title, rows, MIN_NAME_WIDTH, room - widthOf(figures)),
    ...inside,
    ...figures,
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

/** Colors rows with failures in the last interval like events that fail, and idle rows like closes. */
function paintRow(row: Activity, line: string, paint: Paint): string {
  const {fails, opened} = row.last;
  if ((fails ?? 0) > 0) return paint.event('fail', line);
  return opened === 0 && row.rates.at(-1) === 0 ? paint.event('close', line) : line;
}

/** Formats a header, and a line for each row, each at most `width` columns wide. */
export function formatActivity(
  rows: readonly Activity[],
  view: ActivityView,
  intervalMs: number,
  {
    paint,
    notation,
    width = Infinity,
    header = true,
  }: Pick<ReportOptions, 'paint' | 'notation'> & Partial<ReportOptions>,
): string[] {
  const columns = layOut(rows, view, scaleOf(rows, view, intervalMs, notation), width);
  const titles = columns.map(({title}) => title);
  const lines = rows.map((row) => {
    const cells = columns.map(({read}) => read(row));
    return paintRow(row, formatLine(cells, columns, width), paint);
  });
  return header ? [paint.header(formatLine(titles, columns, width)), ...lines] : lines;
}

/** Formats the totals of all rows: `1.20M/s sent, 3.40K/s received, 12 new/s, 34 open, 5 failed`. @param source of the events */
export function formatTotals(
  rows: readonly Activity[],
  intervalMs: number,
  lost: number,
  source: Source,
): string {
  const sum = (value: (row: Activity) => number): number =>
    rows.reduce((total, row) => total + value(row), 0);
  const rate = (key: 'txBytes' | 'rxBytes'): string =>
    formatBytes(Math.round(sum((row) => perSecond(row, key) ?? 0)));
  const created = Math.round(sum(VALUES.new) / (intervalMs / 1000));
  return [
    ...(canSortBy(source, 'rate') ? [`${rate('txBytes')}/s sent`, `${rate('rxBytes')}/s received`] : []),
    `${String(created)} new/s`,
    `${String(sum(VALUES.open))} open`,
    ...(canSortBy(source, 'fails') ? [`${String(sum(VALUES.fails))} failed`] : []),
    ...(lost > 0 ? [`${String(lost)} events lost`] : []),
  ].join(', ');
}
