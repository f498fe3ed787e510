/** Formats events as comma-separated values (RFC 4180 with line feeds), with a column for each field. */
import {stringify} from 'csv-stringify/sync';
import type {TraceEvent} from '../model/event.js';
import {FIELDS, NAME_FIELDS} from '../model/fields.js';
import {memoize} from '../model/basics/memo.js';
import {escapeText} from '../terminal/escape.js';
import type {Formatter} from './formatter.js';

const COLUMNS: readonly string[] = FIELDS.filter(({lookup}) => lookup !== true).map(({name}) => name);

/** An apostrophe disarms cells that a spreadsheet would execute (OWASP, CSV injection). */
const OPTIONS = {escape_formulas: true} as const;

/** Formats a text as a cell. */
export const quoteCell = memoize((text: string) => stringify([[escapeText(text)]], {...OPTIONS, eof: false}));

/**
 * Creates a formatter that writes the names of the columns before its first event.
 *
 * @param withNames adds columns for names that are looked up
 * @param hasHeader false leaves the names of the columns out
 */
export function createCsv(withNames = false, hasHeader = true): Formatter {
  const fields = (withNames ? [...COLUMNS, ...NAME_FIELDS] : COLUMNS).slice(1);
  const header = hasHeader ? `time,${fields.join(',')}\n` : '';
  let isFirst = true;

  function format(event: TraceEvent): string {
    const values = event as unknown as Readonly<Partial<Record<string, string | number>>>;
    // not cached: times do not repeat; not quoted: they need no quotes
    let row = isFirst ? header + event.time : event.time;
    isFirst = false;
    for (const field of fields) {
      const value = values[field];
      row +=
        value === undefined || value === ''
          ? ','
          : typeof value === 'string'
            ? `,${quoteCell(value)}`
            : `,${String(value)}`;
    }
    return `${row}\n`;
  }

  return {format, head: () => header};
}
