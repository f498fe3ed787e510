/** Fits the cells of a live table to columns, whose widths only grow. */
import {cutEnd, cutMiddle, textWidth} from '../terminal/width.js';
import type {Column} from './cells.js';

/** A column of a table whose rows are written as they come. */
export interface LiveColumn extends Column {
  /** Initial width, in columns of the terminal. */
  readonly width: number;
}

/** Limit of a cell when rows are cut: an IPv4 address with its port fits. The last cell takes the remaining width. */
const cellMax = (width: number): number => Math.min(31, Math.max(21, width >> 2));
const LAST_MIN = 8;

export interface ColumnWidths {
  pad(text: string, index: number): string;
  /** Widens the columns for these cells; returns true if one has grown. */
  widenFor(cells: readonly string[]): boolean;
  /** Cuts cells so that the row fits in the terminal. */
  cut(cells: readonly string[], terminalWidth: number): readonly string[];
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
