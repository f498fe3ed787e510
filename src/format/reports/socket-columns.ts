/** The columns of the table of sockets. Columns that the table of events also has are named as there. */
import type {NamedSocket} from '../../model/socket.js';
import {formatComm, formatEndpoint, UNKNOWN} from '../table/cells.js';
import {
  BRIEF_COLUMNS,
  COLUMNS_OF_NAMES,
  NAME_COLUMNS,
  type NameColumn,
  type NameKind,
} from '../table/name-columns.js';
import type {Notation} from '../notation.js';
import {formatPeer} from '../parties.js';
import type {ReportOptions} from './report.js';
import {selectColumns, type TextColumn} from './text-table.js';

type SocketColumn = TextColumn<NamedSocket>;

/** Width of an IPv4 address with its port. */
const ENDPOINT_WIDTH = 21;
const MIN_NAME_WIDTH = 12;

function text(name: string, title: string, read: SocketColumn['read'], more: object = {}): SocketColumn {
  return {name, title, align: 'left', read, ...more};
}

function number(
  name: string,
  read: (socket: NamedSocket) => number | undefined,
  unit?: keyof Notation,
): SocketColumn {
  return {
    name,
    title: name.toUpperCase(),
    align: 'right',
    read(socket, notation) {
      const value = read(socket);
      if (value === undefined) return UNKNOWN;
      return unit === undefined ? String(value) : notation[unit](value);
    },
  };
}

const MAIN: readonly SocketColumn[] = [
  text('state', 'STATE', ({state}) => state, {rank: 7}),
  number('pid', ({pid}) => pid),
  {...number('uid', ({uid}) => uid), rank: 2},
  text('comm', 'COMM', ({comm}) => formatComm(comm), {isText: true, least: 8}),
  text('local', 'LOCAL', ({family, laddr, lport, zone}) => formatEndpoint(family, laddr, lport, zone), {
    isText: true,
    rank: 8,
    least: ENDPOINT_WIDTH,
  }),
  text('remote', 'REMOTE', ({family, raddr, rport, zone}) => formatEndpoint(family, raddr, rport, zone), {
    isText: true,
    least: ENDPOINT_WIDTH,
  }),
  text('direction', 'DIR', ({direction}) => direction ?? UNKNOWN, {rank: 6}),
  {...number('tx', ({tx_bytes}) => tx_bytes, 'bytes'), rank: 4},
  {...number('rx', ({rx_bytes}) => rx_bytes, 'bytes'), rank: 5},
  {...number('rtt', ({rtt_us}) => rtt_us, 'microseconds'), rank: 3},
  {...number('netns', ({netns}) => netns, 'netns'), rank: 1},
  {...number('inode', ({inode}) => inode), rank: 0},
];

const PEER = text('peer', 'PEER', (socket) => formatPeer(socket) ?? UNKNOWN, {
  isText: true,
  least: MIN_NAME_WIDTH,
});

const EXTRA: readonly SocketColumn[] = [
  text('fds', 'FDS', ({fds}) => fds?.join(',') ?? UNKNOWN),
  number('retrans', ({retrans}) => retrans),
  number('rttvar', ({rttvar_us}) => rttvar_us, 'microseconds'),
  number('min-rtt', ({min_rtt_us}) => min_rtt_us, 'microseconds'),
  number('cwnd', ({cwnd}) => cwnd),
  number('rate', ({delivery_rate_bps}) => delivery_rate_bps, 'bitsPerSecond'),
  number('unacked', ({unacked}) => unacked),
  number('tx-queue', ({tx_queue_bytes}) => tx_queue_bytes, 'bytes'),
  number('rx-queue', ({rx_queue_bytes}) => rx_queue_bytes, 'bytes'),
  number('reordered', ({reordered}) => reordered),
  text('timer', 'TIMER', ({timer}) => timer ?? UNKNOWN),
  number('backlog', ({backlog}) => backlog),
  number('backlog-max', ({backlog_max}) => backlog_max),
];

const nameColumn = (name: string, {title, read}: NameColumn): SocketColumn => ({
  name,
  title,
  align: 'left',
  read,
  isText: true,
  least: MIN_NAME_WIDTH,
});

const NAMES: readonly SocketColumn[] = Object.entries(NAME_COLUMNS).map(([name, column]) =>
  nameColumn(name, column),
);

const ALL = [...MAIN, PEER, ...EXTRA, ...NAMES];

export const SOCKET_COLUMN_NAMES: readonly string[] = ALL.map(({name}) => name);

/**
 * Returns the columns to show.
 *
 * @param kinds names that were looked up
 * @param peers show the processes at the remote endpoints
 */
export function socketColumns(
  {columns, isWide}: Pick<ReportOptions, 'columns' | 'isWide'>,
  kinds: readonly NameKind[],
  peers: boolean,
): readonly SocketColumn[] {
  if (columns !== undefined) return selectColumns(ALL, columns);
  const brief = kinds.flatMap((kind) => BRIEF_COLUMNS[kind]).map((column) => nameColumn('', column));
  const shown: readonly string[] = kinds.flatMap((kind) => COLUMNS_OF_NAMES[kind]);
  const main = peers ? [...MAIN, PEER] : MAIN;
  return isWide
    ? [...main, ...EXTRA, ...NAMES.filter(({name}) => shown.includes(name))]
    : [...main, ...brief];
}
