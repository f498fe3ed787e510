/** Formats events as rows of a live table. Each row is written as its event happens, so columns can only grow. */
import type {TraceEvent} from '../model/event.js';
import type {Paint} from '../terminal/paint.js';
import {createColumnWidths} from './column-widths.js';
import {type ColumnName, COLUMNS, DEFAULT_COLUMNS, type EventColumn} from './columns.js';
import type {Formatter} from './formatter.js';
import {createTimeFormatter, type TimeStyle} from './times.js';

export interface TableOptions {
  readonly columns?: readonly ColumnName[] | undefined;
  readonly time?: TimeStyle;
  /** Print the titles of the columns; true by default. */
  readonly header?: boolean;
  /** Returns the current width of the terminal; rows are cut to fit. */
  readonly width?: () => number | undefined;
}

/**
 * Creates a formatter of rows. It writes a header at first, and again after a column has grown.
 *
 * @param paint colors for the stream of the rows
 */
export function createTable(paint: Paint, options: TableOptions = {}): Formatter {
  const shown: ReadonlySet<ColumnName> = new Set(options.columns ?? DEFAULT_COLUMNS);
  const columns: readonly EventColumn[] = Array.from(shown, (name) => COLUMNS[name]);
  const formatTime = createTimeFormatter(options.time ?? 'absolute');
  const widths = createColumnWidths(columns);
  const kindIndex = columns.indexOf(COLUMNS.event);
  const hasHeader = options.header ?? true;
  let headerIsDue = true;

  function head(): string {
    headerIsDue = false;
    if (!hasHeader) return '';
    return `${paint.header(columns.map(({title}, index) => widths.pad(title, index)).join(' '))}\n`;
  }

  function format(event: TraceEvent): string {
    const time = formatTime(event.time);
    const whole = columns.map(({read}) => read(event, time, shown));
    const width = options.width?.();
    const cells = width === undefined ? whole : widths.cut(whole, width);
    if (widths.widenFor(cells)) headerIsDue = true;
    const padded = cells.map((cell, index) => {
      const text = widths.pad(cell, index);
      return index === kindIndex ? paint.event(event.event, text) : text;
    });
    return `${headerIsDue ? head() : ''}${padded.join(' ').trimEnd()}\n`;
  }

  return {format, head};
}
