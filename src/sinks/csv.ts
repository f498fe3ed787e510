/** Events as comma-separated values, RFC 4180 with line feeds: one column for each field of the contract. */
import {stringify} from 'csv-stringify/sync';
import {NAME_FIELDS, type TraceEvent} from '../model/event.js';
import {escapeText} from '../terminal/escape.js';

const FIELDS = [
  'time',
  'event',
  'source',
  'pid',
  'comm',
  'uid',
  'owner_pid',
  'owner_comm',
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

/**
 * Formats one event, the first one below the names of the fields.
 *
 * @param withNames whether there are columns for what was looked up
 */
export function createCsv(withNames = false): (event: TraceEvent) => string {
  const fields = withNames ? [...FIELDS, ...NAME_FIELDS] : FIELDS;
  let header = stringify([fields]);
  return (event) => {
    const values = event as unknown as Readonly<Partial<Record<string, string | number>>>;
    const cells = fields.map((field) => {
      const value = values[field] ?? '';
      return typeof value === 'string' ? escapeText(value) : value;
    });
    const row = header + stringify([cells], OPTIONS);
    header = '';
    return row;
  };
}
