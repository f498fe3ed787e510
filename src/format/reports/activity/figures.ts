/** The figures of the table of activity: columns of numbers and bars. */
import {type Activity, HISTORY_LENGTH, perSecond} from '../../../aggregate/activity-row.js';
import type {Grouping} from '../../../aggregate/activity.js';
import type {Source} from '../../../model/event.js';
import {orUnknown, UNKNOWN} from '../../table/cells.js';
import type {Notation} from '../../notation.js';
import {canSortBy, type SortKey, VALUES} from './sort.js';

const BARS = ' ▁▂▃▄▅▆▇█';

/** Formats a history as bars, one character for each interval. @param max value of a full bar */
export function formatHistory(history: readonly number[], max: number): string {
  const height = (value: number): number => (value === 0 ? 0 : Math.max(1, Math.round((value / max) * 8)));
  return history.map((value) => BARS[height(value)]).join('');
}

/** The values that the bars show: new connections or bytes per second. */
type History = 'history' | 'rates';

/** The scale of figures. */
export interface Scale {
  readonly intervalMs: number;
  readonly history: History;
  /** Highest value of the bars of any row. */
  readonly max: number;
  readonly notation: Notation;
}

export type FigureName = Exclude<SortKey, 'rate'> | 'tx-rate' | 'rx-rate' | 'history';

export interface Figure {
  readonly key: FigureName;
  readonly title: string;
  readonly width: number;
  readonly align: 'left' | 'right';
  readonly read: (row: Activity, scale: Scale) => string;
}

function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

function inUnits(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? UNKNOWN : format(Math.round(value));
}

function formatRetrans(row: Activity): string {
  const rate = perSecond(row, 'retrans');
  return rate === undefined ? UNKNOWN : formatNumber(rate);
}

const figure = (key: Figure['key'], title: string, width: number, read: Figure['read']): Figure => ({
  key,
  title,
  width,
  align: 'right',
  read,
});

const FIGURES: readonly Figure[] = [
  figure('tx-rate', 'TX/s', 7, (row, {notation}) => inUnits(perSecond(row, 'txBytes'), notation.bytes)),
  figure('rx-rate', 'RX/s', 7, (row, {notation}) => inUnits(perSecond(row, 'rxBytes'), notation.bytes)),
  figure('retrans', 'RETR/s', 6, formatRetrans),
  figure('rtt', 'RTT', 8, ({rttUs}, {notation}) => inUnits(rttUs, notation.microseconds)),
  figure('new', 'NEW/s', 7, (row, {intervalMs}) => formatNumber(VALUES.new(row) / (intervalMs / 1000))),
  figure('open', 'OPEN', 6, ({open}) => String(open)),
  figure('total', 'TOTAL', 7, ({total}) => String(total)),
  figure('fails', 'FAILS', 6, ({fails}) => orUnknown(fails)),
  figure('tx', 'TX', 7, ({txBytes}, {notation}) => inUnits(txBytes, notation.bytes)),
  figure('rx', 'RX', 7, ({rxBytes}, {notation}) => inUnits(rxBytes, notation.bytes)),
  {
    key: 'history',
    title: 'HISTORY',
    width: HISTORY_LENGTH,
    align: 'left',
    read: (row, {history, max}) => formatHistory(row[history], max),
  },
];

export const FIGURE_NAMES: readonly FigureName[] = FIGURES.map(({key}) => key);

/** Figures that count connections, of which a row of one connection has one. */
const OF_CONNECTIONS: readonly Figure['key'][] = ['new', 'open', 'total', 'fails'];

/** Figures in the order in which a narrow terminal drops them. */
const DISPENSABLE: readonly Figure['key'][] = [
  'total',
  'tx',
  'rx',
  'retrans',
  'fails',
  'history',
  'open',
  'new',
  'rtt',
];

function hasRates(source: Source): boolean {
  return canSortBy(source, 'rate');
}

/** Returns the figures that a source knows; those of /proc are unknown where a mixed recording may know them. */
function figuresOf(grouping: Grouping, source: Source): readonly Figure[] {
  return FIGURES.filter(
    ({key}) =>
      (hasRates(source) || !(['tx-rate', 'rx-rate', 'retrans'] as readonly string[]).includes(key)) &&
      (grouping !== 'connection' || !OF_CONNECTIONS.includes(key)),
  );
}

export function widthOf(columns: readonly {readonly width: number}[]): number {
  return columns.reduce((sum, {width}) => sum + width + 1, 0);
}

export interface FigureChoice {
  readonly grouping: Grouping;
  readonly sort: SortKey;
  readonly source: Source;
  /** Figures to show; undefined shows as many as fit. */
  readonly columns?: readonly FigureName[] | undefined;
}

/** Returns the figures that fit in `width` columns. The sort key always stays. */
export function fittingFigures(choice: FigureChoice, width: number): readonly Figure[] {
  const {grouping, sort, source, columns} = choice;
  if (columns !== undefined) return FIGURES.filter(({key}) => columns.includes(key));
  let figures = figuresOf(grouping, source);
  for (const key of DISPENSABLE) {
    if (widthOf(figures) <= width) break;
    if (key !== sort) figures = figures.filter((figure) => figure.key !== key);
  }
  return widthOf(figures) <= width ? figures : figures.filter(({key}) => isSorted(key, sort));
}

function isSorted(key: Figure['key'], sort: SortKey): boolean {
  return key === sort || (sort === 'rate' && (key === 'tx-rate' || key === 'rx-rate'));
}

/** Returns what the bars show: new connections if the rows are sorted by counts of connections, else bytes. */
export function historyOf({grouping, sort, source}: FigureChoice): History {
  const countsConnections = (OF_CONNECTIONS as readonly string[]).includes(sort);
  return hasRates(source) && (grouping === 'connection' || !countsConnections) ? 'rates' : 'history';
}
