/** Reports: everything that commands print besides events, as tables for people and as data for programs. */
import type {Paint} from '../../terminal/paint.js';
import {quoteCell} from '../csv.js';
import {formatJson} from '../json.js';
import type {Notation} from '../notation.js';

export interface ReportOptions {
  readonly paint: Paint;
  /** Columns of the terminal; undefined does not limit the width. */
  readonly width: number | undefined;
  /** Names of the columns to show; undefined shows the usual ones. */
  readonly columns: readonly string[] | undefined;
  /** Print the titles of the columns. */
  readonly header: boolean;
  readonly notation: Notation;
  /** Show every column. */
  readonly isWide: boolean;
}

type Value = string | number | boolean | readonly unknown[] | null | undefined;

/** A record of NDJSON and CSV. An undefined value is unknown. */
export type ReportRecord = object;

export interface Report {
  readonly formatTable: (options: ReportOptions) => Iterable<string>;
  readonly formatJson: () => Iterable<string>;
  readonly records: readonly ReportRecord[];
  /** Columns of CSV: the names of all fields, with `_` between the names of nested ones. */
  readonly fields: readonly string[];
}

/** Formats a document with an indentation. */
export function formatDocument(document: object): readonly string[] {
  return [`${formatJson(document, 2)}\n`];
}

/** Formats one JSON array, with a line for each record. */
export function formatArray(records: readonly ReportRecord[]): string[] {
  const lines = records.map((record, index) => `${index === 0 ? '[' : ','}${formatJson(record)}\n`);
  return [...lines, records.length === 0 ? '[]\n' : ']\n'];
}

export function formatLines(records: readonly ReportRecord[]): string[] {
  return records.map((record) => `${formatJson(record)}\n`);
}

function flatten(record: ReportRecord, prefix = ''): readonly (readonly [string, Value])[] {
  return Object.entries(record).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? flatten(value, `${prefix}${name}_`)
      : [[prefix + name, value as Value] as const],
  );
}

function formatCell(value: Value): string {
  if (value === undefined || value === null || value === '') return '';
  if (typeof value === 'number') return String(value);
  return quoteCell(Array.isArray(value) ? value.join(' ') : String(value));
}

/** Formats comma-separated values. @param header prints the names of the fields first */
export function formatCsv({records, fields}: Report, header: boolean): string[] {
  const rows = records.map((record) => {
    const values = new Map(flatten(record));
    return `${fields.map((field) => formatCell(values.get(field))).join(',')}\n`;
  });
  return header ? [`${fields.join(',')}\n`, ...rows] : rows;
}
