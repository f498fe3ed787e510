/** Fits the cells of a live table to columns, whose widths only grow. */
import {cutEnd, cutMiddle, textWidth} from '../../terminal/width.js';
import type {Column} from './cells.js';

/** A column of a table whose rows are written as they come. */
export interface LiveColumn extends Column {
  /** Initial width, in columns of the terminal. */
  readonly width: number;
  /** Width that a cell may have beyond the limit of all cells when rows are cut. */
  readonly extra?: number;
}

/** Limit of a cell when rows are cut: an IPv4 address with its port fits. The last cell takes the remaining width. */
function cellMax(width: number): number {
  if (width >= 230) return 47;
  return width >= 170 ? 31 : Math.min(25, Math.max(21, width >> 2));
}

export interface ColumnWidths {
  readonly pad: (text: string, index: number) => string;
  /** Widens the columns for these cells; returns true if one has grown. */
  readonly widenFor: (cells: readonly string[]) => boolean;
  /**
   * Cuts cells so that the row fits in the terminal.
   *
   * @param fitLast formats the last cell in the width that is left; by default, it is cut
   */
  readonly cut: (
    cells: readonly string[],
    terminalWidth: number,
    fitLast?: (room: number) => string,
  ) => readonly string[];
}

/** Widens columns for cells; returns true if one has grown. */
function widen(widths: number[], cells: readonly string[]): boolean {
  let hasGrown = false;
  for (const [index, cell] of cells.entries()) {
    const width = textWidth(cell);
    if (width <= (widths[index] ?? 0)) continue;
    widths[index] = width;
    hasGrown = true;
  }
  return hasGrown;
}

export function createColumnWidths(columns: readonly LiveColumn[]): ColumnWidths {
  const widths = columns.map(({width}) => width);
  const last = columns.length - 1;
  return {
    pad(text, index) {
      const isLeft = columns[index]?.align === 'left';
      if (index === last && isLeft) return text;
      const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - textWidth(text)));
      return isLeft ? text + padding : padding + text;
    },

    widenFor: (cells) => widen(widths, cells.slice(0, last)),

    cut(cells, width, fitLast = (room) => cutEnd(cells[last] ?? '', room)) {
      const before = cells
        .slice(0, last)
        .map((cell, index) => cutMiddle(cell, cellMax(width) + (columns[index]?.extra ?? 0)));
      const taken = before.reduce(
        (sum, cell, index) => sum + Math.max(widths[index] ?? 0, textWidth(cell)) + 1,
        0,
      );
      return [...before, fitLast(Math.max(width - taken, 1))];
    },
  };
}
