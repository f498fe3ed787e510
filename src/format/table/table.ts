/** Formats events as rows of a live table. Each row is written as its event happens, so columns can only grow. */
import type {TraceEvent} from '../../model/event.js';
import type {Paint} from '../../terminal/paint.js';
import {cutEnd} from '../../terminal/width.js';
import {type ColumnWidths, createColumnWidths} from './column-widths.js';
import {type ColumnName, COLUMNS, type EventColumn} from './columns.js';
import type {Formatter} from '../formatter.js';
import {type Layout, layoutFor} from './layouts.js';
import {type Notation, notationOf} from '../notation.js';
import {createTimeFormatter, shortenTime, type TimeStyle} from '../times.js';

export interface TableOptions {
  /** By default, those that fit the terminal. */
  readonly columns?: readonly ColumnName[] | undefined;
  readonly time?: TimeStyle;
  readonly notation?: Notation;
  /** Print the titles of the columns; true by default. */
  readonly header?: boolean;
  /** Returns the current width of the terminal; rows are cut to fit. */
  readonly width?: () => number | undefined;
}

/** Digits that a brief time lacks. */
const REDUCTION = 3;

/** The columns of a table. */
interface Rows extends Pick<ColumnWidths, 'pad' | 'widenFor'> {
  /** Returns the cells of an event. @param terminalWidth undefined does not limit the row */
  readonly read: (event: TraceEvent, time: string, terminalWidth: number | undefined) => readonly string[];
  readonly columns: readonly EventColumn[];
}

function createRows({columns: names, hasBriefTime}: Layout, notation: Notation): Rows {
  const shown: ReadonlySet<ColumnName> = new Set(names);
  const columns: readonly EventColumn[] = Array.from(shown, (name) => COLUMNS[name]);
  const reduction = hasBriefTime ? REDUCTION : 0;
  const {pad, widenFor, cut} = createColumnWidths(
    columns.map((column) =>
      column === COLUMNS.time ? {...column, width: column.width - reduction} : column,
    ),
  );
  const fit = columns.at(-1)?.fit;
  return {
    columns,
    pad,
    widenFor,
    read(event, time, width) {
      const row = {time: hasBriefTime ? shortenTime(time) : time, shown, notation};
      const cells = columns.map(({read}) => read(event, row));
      if (width === undefined) return cells;
      return cut(cells, width, fit && ((room) => fit(event, row, room)));
    },
  };
}

/** Returns a function that is true from the second network namespace on. */
function createNamespaceWatch(): (event: TraceEvent) => boolean {
  let first: number | undefined;
  let hasSeveral = false;
  return (event) => {
    if (hasSeveral || event.event === 'lost' || event.netns === undefined) return hasSeveral;
    first ??= event.netns;
    hasSeveral = event.netns !== first;
    return hasSeveral;
  };
}

/** Returns the layout for an event: that of the options, or of the current width of the terminal. */
function createLayouts({columns}: TableOptions): (event: TraceEvent, width: number | undefined) => Layout {
  if (columns !== undefined) {
    const layout = {columns, hasBriefTime: false};
    return () => layout;
  }
  const isInSeveral = createNamespaceWatch();
  return (event, width) => layoutFor(width, isInSeveral(event));
}

/**
 * Creates a formatter of rows. It writes a header at first. On a terminal, it writes another one after the columns have
 * changed.
 *
 * @param paint colors for the stream of the rows
 */
export function createTable(paint: Paint, options: TableOptions = {}): Formatter {
  const {notation = notationOf(false), header = true, width = () => undefined} = options;
  const formatTime = createTimeFormatter(options.time ?? 'absolute');
  const layoutOf = createLayouts(options);
  let layout: Layout | undefined;
  let rows = createRows(layoutFor(undefined, true), notation);
  let headerIsDue = false;

  function head(): string {
    headerIsDue = false;
    if (!header) return '';
    const titles = rows.columns.map(({title}, index) => rows.pad(title, index)).join(' ');
    return `${paint.header(cutEnd(titles, width() ?? Infinity))}\n`;
  }

  function layOut(event: TraceEvent, terminalWidth: number | undefined): void {
    const next = layoutOf(event, terminalWidth);
    if (next === layout) return;
    layout = next;
    rows = createRows(next, notation);
    headerIsDue = true;
  }

  function format(event: TraceEvent): string {
    const terminalWidth = width();
    layOut(event, terminalWidth);
    const cells = rows.read(event, formatTime(event.time), terminalWidth);
    if (rows.widenFor(cells) && terminalWidth !== undefined) headerIsDue = true;
    const start = headerIsDue ? head() : '';
    const padded = cells.map((cell, index) => {
      const text = rows.pad(cell, index);
      return rows.columns[index] === COLUMNS.event ? paint.event(event.event, text) : text;
    });
    return `${start}${padded.join(' ').trimEnd()}\n`;
  }

  return {format, head};
}
