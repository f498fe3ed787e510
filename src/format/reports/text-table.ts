/** Formats rows as a table whose columns fit the widest cells, and the terminal. */
import {cutEnd, cutMiddle, textWidth} from '../../terminal/width.js';
import type {Notation} from '../notation.js';
import {type FitColumn, type Fitted, fitColumns, type Measured} from './fit.js';
import type {ReportOptions} from './report.js';

export interface TextColumn<Row> extends FitColumn {
  /** In --columns. */
  readonly name: string;
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly read: (row: Row, notation: Notation) => string;
  /** Its cells may have other characters than ASCII. */
  readonly isText?: boolean;
}

/** Returns the columns of these names, in their order; all without names. */
export function selectColumns<Row>(
  columns: readonly TextColumn<Row>[],
  names: readonly string[] | undefined,
): readonly TextColumn<Row>[] {
  if (names === undefined) return columns;
  return names.flatMap((name) => columns.find((column) => column.name === name) ?? []);
}

interface Cells<Row> {
  readonly column: TextColumn<Row>;
  readonly texts: readonly string[];
}

function measure<Row>({column, texts}: Cells<Row>): Measured<TextColumn<Row>> {
  const widthOf = column.isText === true ? textWidth : (text: string): number => text.length;
  return {
    column,
    width: texts.reduce((widest, text) => Math.max(widest, widthOf(text)), column.title.length),
    isUniform: texts.length > 1 && texts.every((text) => text === texts[0]),
  };
}

/**
 * Returns the columns that fit, with their widths.
 *
 * @param separator width of the space between two columns
 */
export function fitTable<Row>(
  columns: readonly TextColumn<Row>[],
  rows: readonly Row[],
  {width, notation}: Pick<ReportOptions, 'width' | 'notation'>,
  separator = 1,
): readonly Fitted<TextColumn<Row>>[] {
  const measured = columns.map((column) =>
    measure({column, texts: rows.map((row) => column.read(row, notation))}),
  );
  return fitColumns(measured, width ?? Infinity, separator);
}

function formatCell<Row>(text: string, {column, width}: Fitted<TextColumn<Row>>): string {
  const {align, isText = false, least} = column;
  const cell = least === undefined ? text : cutMiddle(text, width);
  const padding = ' '.repeat(Math.max(0, width - (isText ? textWidth(cell) : cell.length)));
  return align === 'left' ? cell + padding : padding + cell;
}

/** Formats a header and rows, one line each. */
export function formatRows<Row>(
  columns: readonly TextColumn<Row>[],
  rows: readonly Row[],
  options: ReportOptions,
): string[] {
  const {width, header, notation, paint} = options;
  const fitted = fitTable(columns, rows, options);
  const format = (cells: readonly string[]): string => {
    const line = cells
      .map((cell, index) => formatCell(cell, fitted[index] as Fitted<TextColumn<Row>>))
      .join(' ')
      .trimEnd();
    return width === undefined ? line : cutEnd(line, width);
  };
  const lines = rows.map((row) => `${format(fitted.map(({column}) => column.read(row, notation)))}\n`);
  return header ? [`${paint.header(format(fitted.map(({column}) => column.title)))}\n`, ...lines] : lines;
}
