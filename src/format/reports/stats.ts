/** The report of --stats: sums of a trace by process and by remote endpoint. */
import type {StatsRow, StatsRows} from '../../aggregate/stats.js';
import {formatSubject, orUnknown} from '../table/cells.js';
import type {Notation} from '../notation.js';
import {formatFrame} from './frame.js';
import {formatDocument, type Report, type ReportOptions} from './report.js';
import {describeSubject} from './subject-fields.js';
import type {TextColumn} from './text-table.js';

/** Rows of each table. */
const MAX_SHOWN = 20;

type Row = Readonly<StatsRow>;

function figure(
  title: string,
  rank: number,
  read: (row: Row) => number | undefined,
  unit?: keyof Notation,
): TextColumn<Row> {
  return {
    name: title,
    title,
    align: 'right',
    rank,
    read(row, notation) {
      const value = read(row);
      return value === undefined || unit === undefined ? orUnknown(value) : notation[unit](value);
    },
  };
}

const FIGURES: readonly TextColumn<Row>[] = [
  figure('CONNECT', 4, ({connects}) => connects),
  figure('ACCEPT', 3, ({accepts}) => accepts),
  figure('FAIL', 5, ({fails}) => fails),
  figure('CLOSE', 2, ({closes}) => closes),
  figure('TX', 6, ({txBytes}) => txBytes, 'bytes'),
  figure('RX', 7, ({rxBytes}) => rxBytes, 'bytes'),
  figure('SYN RETRANS', 0, ({synRetrans}) => synRetrans),
  figure('ACCEPT DELAY', 1, ({acceptDelayUs}) => acceptDelayUs, 'microseconds'),
];

function formatTable(title: string, rows: readonly Row[], options: ReportOptions): readonly string[] {
  const subject: TextColumn<Row> = {
    name: title,
    title,
    align: 'left',
    read: (row) => formatSubject(row.subject),
    isText: true,
    least: 16,
  };
  const more = rows.length - MAX_SHOWN;
  const frame = formatFrame([subject, ...FIGURES], rows.slice(0, MAX_SHOWN), options);
  return more > 0 ? [frame, `and ${String(more)} more\n`] : [frame];
}

function describe({subject, connects, accepts, fails, closes, txBytes, rxBytes, ...row}: Row): object {
  return {
    ...describeSubject(subject),
    connects,
    accepts,
    fails,
    closes,
    tx_bytes: txBytes,
    rx_bytes: rxBytes,
    syn_retrans: row.synRetrans,
    accept_delay_max_us: row.acceptDelayUs,
  };
}

const FIELDS = [
  ...['by', 'pid', 'comm', 'family', 'raddr', 'rport', 'others', 'connects', 'accepts', 'fails', 'closes'],
  ...['tx_bytes', 'rx_bytes', 'syn_retrans', 'accept_delay_max_us'],
];

export function reportStats({processes, remotes}: StatsRows): Report {
  const records = (by: string, rows: readonly Row[]): readonly object[] =>
    rows.map((row) => ({by, ...describe(row)}));
  return {
    formatTable: (options) => [
      ...formatTable('PROCESS', processes, options),
      ...formatTable('REMOTE', remotes, options),
    ],
    formatJson: () => formatDocument({processes: processes.map(describe), remotes: remotes.map(describe)}),
    records: [...records('process', processes), ...records('remote', remotes)],
    fields: FIELDS,
  };
}
