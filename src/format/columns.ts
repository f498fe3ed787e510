/** What a row of the table can show of an event. */
import {formatMicroseconds} from '../model/duration.js';
import type {CloseEvent, ConnectionEvent, TraceEvent} from '../model/event.js';
import {escapeText} from '../terminal/escape.js';
import {type Column, formatComm, formatEnd, orUnknown, UNKNOWN} from './cells.js';
import {formatDetail, formatOutcome} from './detail.js';
import {NAME_COLUMNS, type NameColumn} from './name-columns.js';

export interface EventColumn extends Column {
  /** Room that is kept free from the start, in columns of the terminal. */
  readonly width: number;
  /** @param time as the table shows it @param shown names of all columns of the row */
  readonly read: (event: TraceEvent, time: string, shown: ReadonlySet<string>) => string;
}

type Read = (event: ConnectionEvent) => string;

const ofConnection =
  (read: Read) =>
  (event: TraceEvent): string =>
    event.event === 'lost' ? UNKNOWN : read(event);

const ofClose = (read: (event: CloseEvent) => string) =>
  ofConnection((event) => (event.event === 'close' ? read(event) : UNKNOWN));

const left = (title: string, width: number, read: EventColumn['read']): EventColumn => ({
  title,
  width,
  align: 'left',
  read,
});
const right = (title: string, width: number, read: EventColumn['read']): EventColumn => ({
  ...left(title, width, read),
  align: 'right',
});

const named = ({title, width, read}: NameColumn): EventColumn => left(title, width, ofConnection(read));

function orUnknownTime(us: number | undefined): string {
  return us === undefined ? UNKNOWN : formatMicroseconds(us);
}

/** Wide enough for IPv4; what is wider makes its column grow. */
export const COLUMNS = {
  time: left('TIME', 15, (_, time) => time),
  event: left('EVENT', 7, ({event}) => event),
  source: left('SOURCE', 10, ({source}) => source),
  pid: right(
    'PID',
    7,
    ofConnection(({pid}) => orUnknown(pid)),
  ),
  uid: right(
    'UID',
    5,
    ofConnection(({uid}) => orUnknown(uid)),
  ),
  comm: left(
    'COMM',
    12,
    ofConnection(({comm}) => formatComm(comm)),
  ),
  thread: left(
    'THREAD',
    12,
    ofConnection(({thread}) => formatComm(thread)),
  ),
  local: left(
    'LOCAL',
    21,
    ofConnection(({family, laddr, lport}) => formatEnd(family, laddr, lport)),
  ),
  remote: left(
    'REMOTE',
    21,
    ofConnection(({family, raddr, rport}) => formatEnd(family, raddr, rport)),
  ),
  netns: right(
    'NETNS',
    10,
    ofConnection(({netns}) => orUnknown(netns)),
  ),
  inode: right(
    'INODE',
    8,
    ofConnection(({inode}) => orUnknown(inode)),
  ),
  direction: left(
    'DIR',
    3,
    ofConnection((event) => (event.event === 'fail' ? UNKNOWN : event.direction)),
  ),
  latency: right(
    'LATENCY',
    9,
    ofConnection((event) =>
      orUnknownTime(event.event === 'connect' || event.event === 'fail' ? event.latency_us : undefined),
    ),
  ),
  error: left(
    'ERROR',
    12,
    ofConnection((event) => (event.event === 'fail' ? (event.error ?? UNKNOWN) : UNKNOWN)),
  ),
  duration: right(
    'DURATION',
    11,
    ofClose(({duration_us}) => orUnknownTime(duration_us)),
  ),
  tx: right(
    'TX',
    8,
    ofClose(({tx_bytes}) => orUnknown(tx_bytes)),
  ),
  rx: right(
    'RX',
    8,
    ofClose(({rx_bytes}) => orUnknown(rx_bytes)),
  ),
  rtt: right(
    'RTT',
    8,
    ofClose(({rtt_us}) => orUnknownTime(rtt_us)),
  ),
  retrans: right(
    'RETRANS',
    7,
    ofClose(({retrans}) => orUnknown(retrans)),
  ),
  'ended-by': left(
    'ENDED-BY',
    12,
    ofClose(({ended_by}) => ended_by ?? UNKNOWN),
  ),
  owner: left(
    'OWNER',
    7,
    ofClose(({owner_pid, owner_comm}) =>
      owner_pid === undefined ? UNKNOWN : `${String(owner_pid)}/${escapeText(owner_comm ?? '')}`,
    ),
  ),
  'owner-uid': right(
    'OWNER-UID',
    9,
    ofClose(({owner_uid}) => orUnknown(owner_uid)),
  ),
  user: named(NAME_COLUMNS.user),
  host: named(NAME_COLUMNS.host),
  service: named(NAME_COLUMNS.service),
  container: named(NAME_COLUMNS.container),
  'container-name': named(NAME_COLUMNS['container-name']),
  pod: named(NAME_COLUMNS.pod),
  'pod-namespace': named(NAME_COLUMNS['pod-namespace']),
  cgroup: named(NAME_COLUMNS.cgroup),
  args: named(NAME_COLUMNS.args),
  outcome: left('OUTCOME', 12, (event, _, shown) => formatOutcome(event, shown) || UNKNOWN),
  detail: left('DETAIL', 0, (event, _, shown) => formatDetail(event, shown)),
} as const satisfies Record<string, EventColumn>;

export type ColumnName = keyof typeof COLUMNS;

export const COLUMN_NAMES = Object.keys(COLUMNS) as ColumnName[];

/** Of which scans of /proc know nothing. */
export const UNSEEN_BY_PROC: readonly ColumnName[] = [
  'thread',
  'latency',
  'error',
  'tx',
  'rx',
  'rtt',
  'retrans',
  'ended-by',
];

/** Enough to find a connection again, where there is room for it. */
export const DEFAULT_COLUMNS: readonly ColumnName[] = [
  'time',
  'event',
  'pid',
  'uid',
  'comm',
  'local',
  'remote',
  'netns',
  'inode',
  'detail',
];

/** What fits into a terminal of 80 columns. */
const NARROW_COLUMNS: readonly ColumnName[] = ['time', 'event', 'pid', 'comm', 'remote', 'outcome'];

/** What fits into 51 columns, and into 40. */
const SMALL_COLUMNS: readonly ColumnName[] = ['event', 'comm', 'remote', 'outcome'];
const LEAST_COLUMNS: readonly ColumnName[] = ['event', 'remote', 'pid'];

/** Those that rows of so many columns have room for, and for a word behind them. */
export function columnsFor(width: number): readonly ColumnName[] {
  if (width >= 150) return DEFAULT_COLUMNS;
  if (width >= 120) return DEFAULT_COLUMNS.filter((name) => name !== 'netns' && name !== 'inode');
  if (width >= 75) return NARROW_COLUMNS;
  return width >= 51 ? SMALL_COLUMNS : LEAST_COLUMNS;
}

const IN_SHORT: readonly ColumnName[] = ['outcome', 'detail'];

/** All that the kernel tells, each in a column of its own. */
export const WIDE_COLUMNS = COLUMN_NAMES.filter(
  (name) => !IN_SHORT.includes(name) && !(name in NAME_COLUMNS),
);
