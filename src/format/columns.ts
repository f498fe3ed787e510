/** The columns of the table of events. */
import {formatMicroseconds} from '../model/units/duration.js';
import type {ConnectionEvent, Source, TraceEvent} from '../model/event.js';
import {canFill, type FieldName} from '../model/fields.js';
import {escapeText} from '../terminal/escape.js';
import {type Column, formatEndpoint, UNKNOWN} from './cells.js';
import {formatDetail, formatOutcome} from './detail.js';
import {NAME_COLUMNS, type NameColumn} from './name-columns.js';

export interface EventColumn extends Column {
  /** Initial width, in columns of the terminal. */
  readonly width: number;
  /** The field that the column shows, if it shows exactly one. */
  readonly field?: FieldName | undefined;
  /** @param time as the table shows it @param shown names of all columns of the row */
  readonly read: (event: TraceEvent, time: string, shown: ReadonlySet<string>) => string;
}

function left(title: string, width: number, read: EventColumn['read']): EventColumn {
  return {title, width, align: 'left', read};
}

/** Reads a field, which only some kinds of events may have. */
function valueOf(event: TraceEvent, field: FieldName): string | number | undefined {
  return (event as Readonly<Partial<Record<FieldName, string | number>>>)[field];
}

function text(title: string, width: number, field: FieldName): EventColumn {
  const read = (event: TraceEvent): string => escapeText(String(valueOf(event, field) ?? '')) || UNKNOWN;
  return {...left(title, width, read), field};
}

function number(title: string, width: number, field: FieldName): EventColumn {
  const read = (event: TraceEvent): string => String(valueOf(event, field) ?? UNKNOWN);
  return {title, width, align: 'right', field, read};
}

/** A column of microseconds, shown in the unit that suits each. */
function elapsed(title: string, width: number, field: FieldName): EventColumn {
  const read = (event: TraceEvent): string => {
    const us = valueOf(event, field);
    return typeof us === 'number' ? formatMicroseconds(us) : UNKNOWN;
  };
  return {title, width, align: 'right', field, read};
}

function ofConnection(read: (event: ConnectionEvent) => string): EventColumn['read'] {
  return (event) => (event.event === 'lost' ? UNKNOWN : read(event));
}

function named({title, width, read}: NameColumn): EventColumn {
  return left(title, width, ofConnection(read));
}

function readOwner(event: TraceEvent): string {
  if (event.event !== 'close' || event.owner_pid === undefined) return UNKNOWN;
  return `${String(event.owner_pid)}/${escapeText(event.owner_comm ?? '')}`;
}

/** Initial widths fit IPv4; a wider cell widens its column. */
export const COLUMNS = {
  time: left('TIME', 15, (_, time) => time),
  event: left('EVENT', 7, ({event}) => event),
  source: left('SOURCE', 10, ({source}) => source),
  'host-name': text('HOST-NAME', 12, 'host'),
  pid: number('PID', 7, 'pid'),
  uid: number('UID', 5, 'uid'),
  comm: text('COMM', 12, 'comm'),
  thread: text('THREAD', 12, 'thread'),
  local: left(
    'LOCAL',
    21,
    ofConnection(({family, laddr, lport}) => formatEndpoint(family, laddr, lport)),
  ),
  remote: left(
    'REMOTE',
    21,
    ofConnection(({family, raddr, rport}) => formatEndpoint(family, raddr, rport)),
  ),
  netns: number('NETNS', 10, 'netns'),
  inode: number('INODE', 8, 'inode'),
  flow: text('FLOW', 16, 'flow'),
  direction: text('DIR', 3, 'direction'),
  latency: elapsed('LATENCY', 9, 'latency_us'),
  'accept-delay': elapsed('ACCEPT-DELAY', 12, 'accept_delay_us'),
  'syn-retrans': number('SYN-RETRANS', 11, 'syn_retrans'),
  error: text('ERROR', 12, 'error'),
  duration: elapsed('DURATION', 11, 'duration_us'),
  tx: number('TX', 8, 'tx_bytes'),
  rx: number('RX', 8, 'rx_bytes'),
  rtt: elapsed('RTT', 8, 'rtt_us'),
  retrans: number('RETRANS', 7, 'retrans'),
  state: text('STATE', 11, 'state'),
  rttvar: elapsed('RTTVAR', 8, 'rttvar_us'),
  'min-rtt': elapsed('MIN-RTT', 8, 'min_rtt_us'),
  cwnd: number('CWND', 5, 'cwnd'),
  rate: number('RATE', 11, 'delivery_rate_bps'),
  unacked: number('UNACKED', 7, 'unacked'),
  'tx-queue': number('TX-QUEUE', 8, 'tx_queue_bytes'),
  'rx-queue': number('RX-QUEUE', 8, 'rx_queue_bytes'),
  reordered: number('REORDERED', 9, 'reordered'),
  'ended-by': text('ENDED-BY', 12, 'ended_by'),
  owner: left('OWNER', 7, readOwner),
  'owner-uid': number('OWNER-UID', 9, 'owner_uid'),
  user: named(NAME_COLUMNS.user),
  host: named(NAME_COLUMNS.host),
  service: named(NAME_COLUMNS.service),
  container: named(NAME_COLUMNS.container),
  'container-path': named(NAME_COLUMNS['container-path']),
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

/** Returns true if a source can fill a column. */
function canShow(source: Source, {field}: EventColumn): boolean {
  return field === undefined || canFill(source, field);
}

/** Columns that scans of /proc cannot fill. */
export const UNSEEN_BY_PROC = COLUMN_NAMES.filter((name) => !canShow('proc', COLUMNS[name]));

/** Columns of a wide terminal: enough to find the connection with other tools. */
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

/** Columns of a terminal that is 80 columns wide. */
const NARROW_COLUMNS: readonly ColumnName[] = ['time', 'event', 'pid', 'comm', 'remote', 'outcome'];

/** Columns of terminals that are 51 and 40 columns wide. */
const SMALL_COLUMNS: readonly ColumnName[] = ['event', 'comm', 'remote', 'outcome'];
const LEAST_COLUMNS: readonly ColumnName[] = ['event', 'remote', 'pid'];

/** Returns the columns that fit in `width` columns of the terminal, with some space for the last one. */
export function columnsFor(width: number): readonly ColumnName[] {
  if (width >= 150) return DEFAULT_COLUMNS;
  if (width >= 120) return DEFAULT_COLUMNS.filter((name) => name !== 'netns' && name !== 'inode');
  if (width >= 75) return NARROW_COLUMNS;
  return width >= 51 ? SMALL_COLUMNS : LEAST_COLUMNS;
}

/** Columns that repeat other columns in words. */
const IN_WORDS: readonly ColumnName[] = ['outcome', 'detail'];

/** Every field of events in its own column, apart from names that are looked up. */
export const WIDE_COLUMNS = COLUMN_NAMES.filter(
  (name) => !IN_WORDS.includes(name) && !(name in NAME_COLUMNS),
);
