/** Formats the sums of a trace as two tables. */
import type {StatsRow, StatsRows} from '../../aggregate/stats.js';
import type {Paint} from '../../terminal/paint.js';
import {formatSubject, orUnknown} from '../cells.js';
import {formatFrame} from './frame.js';

/** Rows of each table. */
const MAX_SHOWN = 20;

const TITLES = ['CONNECT', 'ACCEPT', 'FAIL', 'CLOSE', 'TX BYTES', 'RX BYTES'];

function formatRow({subject, connects, accepts, fails, closes, txBytes, rxBytes}: StatsRow): string[] {
  return [
    formatSubject(subject),
    ...[connects, accepts, fails, closes, txBytes, rxBytes].map((value) => orUnknown(value)),
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
