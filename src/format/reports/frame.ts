import Table from 'cli-table3';
import type {Paint} from '../../terminal/paint.js';

/** Formats a table with a frame: the first column is aligned left, all others right. */
export function formatFrame(
  titles: readonly string[],
  paint: Paint,
  rows: readonly (readonly string[])[],
): string {
  const table = new Table({
    head: titles.map((title) => paint.header(title)),
    colAligns: titles.map((_, index) => (index === 0 ? 'left' : 'right')),
    style: {head: [], border: []},
    chars: {mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': ''},
  });
  table.push(...rows.map((row) => [...row]));
  return `${table.toString()}\n`;
}
