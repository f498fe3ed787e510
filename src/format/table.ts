/** Formats events as rows of a live table. Each row is written as its event happens, so columns can only grow. */
import type {TraceEvent} from '../model/event.js';
import type {Paint} from '../terminal/paint.js';
import {cutEnd, cutMiddle, textWidth} from '../terminal/width.js';
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

/** Limit of a cell when rows are cut: an IPv4 address with its port fits. The last cell takes the remaining width. */
const cellMax = (width: number): number => Math.min(31, Math.max(21, width >> 2));
const LAST_MIN = 8;

/** Fits cells to columns, whose widths only grow. */
interface ColumnWidths {
  pad(text: string, index: number): string;
  /** Widens the columns for these cells; returns true if one has grown. */
  widenFor(cells: readonly string[]): boolean;
  /** Cuts cells so that the row fits in the terminal. */
  cut(cells: readonly string[], terminalWidth: number): readonly string[];
}

function createColumnWidths(columns: readonly EventColumn[]): ColumnWidths {
  const widths = columns.map(({width}) => width);
  const last = columns.length - 1;
  return {
    pad(text, index) {
      const isLeft = columns[index]?.align === 'left';
      if (index === last && isLeft) return text;
      const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - textWidth(text)));
      return isLeft ? text + padding : padding + text;
    },

    widenFor(cells) {
      let hasGrown = false;
      for (const [index, cell] of cells.entries()) {
        const width = textWidth(cell);
        if (index === last || width <= (widths[index] ?? 0)) continue;
        widths[index] = width;
        hasGrown = true;
      }
      return hasGrown;
    },

    cut(cells, width) {
      const shorter = cells.map((cell, index) => (index === last ? cell : cutMiddle(cell, cellMax(width))));
      const before = shorter
        .slice(0, -1)
        .reduce((sum, cell, index) => sum + Math.max(widths[index] ?? 0, textWidth(cell)) + 1, 0);
      return shorter.map((cell, index) =>
        index === last ? cutEnd(cell, Math.max(width - before, LAST_MIN)) : cell,
      );
    },
  };
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
