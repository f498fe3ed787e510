/** The columns of the table of events. */
import type {ConnectionEvent, Source, TraceEvent} from '../../model/event.js';
import {canFill, type FieldName} from '../../model/fields.js';
import {escapeText} from '../../terminal/escape.js';
import {formatEndpoint, UNKNOWN} from './cells.js';
import type {LiveColumn} from './column-widths.js';
import {fitDetail, formatDetail, formatOutcome} from '../detail.js';
import {NAME_COLUMNS, type NameColumn} from './name-columns.js';
import type {Notation} from '../notation.js';
import {formatArrow, formatOther, formatPeer, formatProcess} from '../parties.js';

/** Facts about the row that a cell is part of. */
export interface RowContext {
  /** Time of the event, as the table shows it. */
  readonly time: string;
  /** Names of all columns of the row. */
  readonly shown: ReadonlySet<string>;
  readonly notation: Notation;
}

export interface EventColumn extends LiveColumn {
  /** The field that the column shows, if it shows exactly one. */
  readonly field?: FieldName | undefined;
  readonly read: (event: TraceEvent, row: RowContext) => string;
  /** Formats the last cell of a row so that it fits; without it, the cell is cut. */
  readonly fit?: ((event: TraceEvent, row: RowContext, width: number) => string) | undefined;
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
  return inUnits(title, width, field, 'microseconds');
}

/** A column of numbers whose notation is one of the user's choice. */
function inUnits(title: string, width: number, field: FieldName, unit: keyof Notation): EventColumn {
  const read = (event: TraceEvent, {notation}: RowContext): string => {
    const value = valueOf(event, field);
    return typeof value === 'number' ? notation[unit](value) : UNKNOWN;
  };
  return {title, width, align: 'right', field, read};
}

function bytes(title: string, width: number, field: FieldName): EventColumn {
  return inUnits(title, width, field, 'bytes');
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

/** Width of `nginx[16513] `, the process at the remote endpoint. */
const PEER_WIDTH = 13;

/** Initial widths fit IPv4; a wider cell widens its column. */
export const COLUMNS = {
  time: left('TIME', 15, (_, {time}) => time),
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
    ofConnection(({family, laddr, lport, zone}) => formatEndpoint(family, laddr, lport, zone)),
  ),
  remote: left(
    'REMOTE',
    21,
    ofConnection(({family, raddr, rport, zone}) => formatEndpoint(family, raddr, rport, zone)),
  ),
  zone: text('ZONE', 8, 'zone'),
  netns: inUnits('NETNS', 10, 'netns', 'netns'),
  inode: number('INODE', 8, 'inode'),
  flow: text('FLOW', 16, 'flow'),
  peer: left(
    'PEER',
    12,
    ofConnection((event) => formatPeer(event) ?? UNKNOWN),
  ),
  'peer-inode': number('PEER-INODE', 10, 'peer_inode'),
  'peer-netns': inUnits('PEER-NETNS', 10, 'peer_netns', 'netns'),
  direction: text('DIR', 3, 'direction'),
  latency: elapsed('LATENCY', 9, 'latency_us'),
  'accept-delay': elapsed('ACCEPT-DELAY', 12, 'accept_delay_us'),
  'syn-retrans': number('SYN-RETRANS', 11, 'syn_retrans'),
  error: text('ERROR', 12, 'error'),
  duration: elapsed('DURATION', 11, 'duration_us'),
  tx: bytes('TX', 8, 'tx_bytes'),
  rx: bytes('RX', 8, 'rx_bytes'),
  rtt: elapsed('RTT', 8, 'rtt_us'),
  retrans: number('RETRANS', 7, 'retrans'),
  state: text('STATE', 11, 'state'),
  rttvar: elapsed('RTTVAR', 8, 'rttvar_us'),
  'min-rtt': elapsed('MIN-RTT', 8, 'min_rtt_us'),
  cwnd: number('CWND', 5, 'cwnd'),
  rate: inUnits('RATE', 8, 'delivery_rate_bps', 'bitsPerSecond'),
  unacked: number('UNACKED', 7, 'unacked'),
  'tx-queue': bytes('TX-QUEUE', 8, 'tx_queue_bytes'),
  'rx-queue': bytes('RX-QUEUE', 8, 'rx_queue_bytes'),
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
  'peer-container': named(NAME_COLUMNS['peer-container']),
  'peer-container-name': named(NAME_COLUMNS['peer-container-name']),
  'peer-pod': named(NAME_COLUMNS['peer-pod']),
  'peer-pod-namespace': named(NAME_COLUMNS['peer-pod-namespace']),
  args: named(NAME_COLUMNS.args),
  process: left('PROCESS', 12, ofConnection(formatProcess)),
  arrow: left('->', 2, ofConnection(formatArrow)),
  other: {...left('REMOTE', 21, ofConnection(formatOther)), extra: PEER_WIDTH},
  outcome: left('OUTCOME', 12, (event, row) => formatOutcome(event, row) || UNKNOWN),
  detail: {...left('DETAIL', 0, formatDetail), fit: fitDetail},
} as const satisfies Record<string, EventColumn>;

export type ColumnName = keyof typeof COLUMNS;

export const COLUMN_NAMES = Object.keys(COLUMNS) as ColumnName[];

/** Returns true if a source can fill a column. */
function canShow(source: Source, {field}: EventColumn): boolean {
  return field === undefined || canFill(source, field);
}

/** Columns that scans of /proc cannot fill. */
export const UNSEEN_BY_PROC = COLUMN_NAMES.filter((name) => !canShow('proc', COLUMNS[name]));

/** Columns where the width is not limited: enough to find the connection with other tools. */
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

/** Columns that repeat other columns, alone or in words. */
const REPEATING: readonly ColumnName[] = ['process', 'arrow', 'other', 'outcome', 'detail'];

/** Every field of events in its own column, apart from names that are looked up. */
export const WIDE_COLUMNS = COLUMN_NAMES.filter(
  (name) => !REPEATING.includes(name) && !(name in NAME_COLUMNS),
);
