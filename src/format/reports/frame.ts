/** Formats rows as a table with a frame, which fits the terminal. */
import Table from 'cli-table3';
import type {ReportOptions} from './report.js';
import {fitTable, type TextColumn} from './text-table.js';

/** Width of the frame between two cells, and beside the outer ones together. */
const SEPARATOR = 3;
const EDGES = 4;

/** Cells that are wider than their column are wrapped. @param paintCell colors a cell */
export function formatFrame<Row>(
  columns: readonly TextColumn<Row>[],
  rows: readonly Row[],
  {width, header, paint, notation}: ReportOptions,
  paintCell: (text: string, row: Row, name: string) => string = (text) => text,
): string {
  if (columns.length === 0) return '';
  const fitted = fitTable(
    columns,
    rows,
    {notation, width: width === undefined ? undefined : width - EDGES},
    SEPARATOR,
  );
  const table = new Table({
    head: header ? fitted.map(({column}) => paint.header(column.title)) : [],
    colAligns: fitted.map(({column}) => column.align),
    colWidths: fitted.map((column) => column.width + 2),
    wordWrap: true,
    style: {head: [], border: []},
    chars: {mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': ''},
  });
  table.push(
    ...rows.map((row) => fitted.map(({column}) => paintCell(column.read(row, notation), row, column.name))),
  );
  return `${table.toString()}\n`;
}
