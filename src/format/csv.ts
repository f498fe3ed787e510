/** Events as comma-separated values, RFC 4180 with line feeds: one column for each field of the contract. */
import {stringify} from 'csv-stringify/sync';
import {NAME_FIELDS, type TraceEvent} from '../model/event.js';
import {memoize} from '../model/memo.js';
import {escapeText} from '../terminal/escape.js';
import type {Formatter} from '../output/output.js';

const FIELDS = [
  'time',
  'event',
  'source',
  'pid',
  'comm',
  'uid',
  'thread',
  'owner_pid',
  'owner_comm',
  'owner_uid',
  'family',
  'laddr',
  'lport',
  'raddr',
  'rport',
  'netns',
  'inode',
  'direction',
  'latency_us',
  'error',
  'duration_us',
  'tx_bytes',
  'rx_bytes',
  'rtt_us',
  'retrans',
  'ended_by',
  'count',
] as const;

/** Cells that a spreadsheet would execute get an apostrophe in front, as OWASP's CSV injection says. */
const OPTIONS = {escape_formulas: true} as const;

/** A text as a cell. */
const quote = memoize((text: string) => stringify([[escapeText(text)]], {...OPTIONS, eof: false}));

/**
 * Formats events, the first one below the names of the fields.
 *
 * @param withNames whether there are columns for what was looked up
 */
export function createCsv(withNames = false): Formatter {
  const fields = (withNames ? [...FIELDS, ...NAME_FIELDS] : FIELDS).slice(1);
  const header = `time,${fields.join(',')}\n`;
  let isFirst = true;

  function format(event: TraceEvent): string {
    const values = event as unknown as Readonly<Partial<Record<string, string | number>>>;
    // no two times are the same, and none has anything to quote
    let row = isFirst ? header + event.time : event.time;
    isFirst = false;
    for (const field of fields) {
      const value = values[field];
      row +=
        value === undefined || value === ''
          ? ','
          : typeof value === 'string'
            ? `,${quote(value)}`
            : `,${String(value)}`;
    }
    return `${row}\n`;
  }

  return {format, head: () => header};
}
