/** Formats the sums of a trace as two tables. */
import type {StatsRow, StatsRows} from '../../aggregate/stats.js';
import type {Paint} from '../../terminal/paint.js';
import {formatMicroseconds} from '../../model/units/duration.js';
import {formatSubject, orUnknown, UNKNOWN} from '../cells.js';
import {formatFrame} from './frame.js';

/** Rows of each table. */
const MAX_SHOWN = 20;

const TITLES = ['CONNECT', 'ACCEPT', 'FAIL', 'CLOSE', 'TX BYTES', 'RX BYTES', 'SYN RETRANS', 'ACCEPT DELAY'];

function formatRow({subject, acceptDelayUs, ...row}: StatsRow): string[] {
  const {connects, accepts, fails, closes, txBytes, rxBytes, synRetrans} = row;
  return [
    formatSubject(subject),
    ...[connects, accepts, fails, closes, txBytes, rxBytes, synRetrans].map((value) => orUnknown(value)),
    acceptDelayUs === undefined ? UNKNOWN : formatMicroseconds(acceptDelayUs),
  ];
}

function formatTable(title: string, rows: readonly StatsRow[], paint: Paint): string {
  const cells = rows.slice(0, MAX_SHOWN).map(formatRow);
  const more = rows.length - MAX_SHOWN;
  return formatFrame([title, ...TITLES], paint, cells) + (more > 0 ? `and ${String(more)} more\n` : '');
}

/** Formats the rows of processes and of remote endpoints, with a line feed at the end. */
export function formatStats({processes, remotes}: StatsRows, paint: Paint): string {
  return formatTable('PROCESS', processes, paint) + formatTable('REMOTE', remotes, paint);
}
