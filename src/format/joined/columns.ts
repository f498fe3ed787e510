/** The columns of the table of joined connections. */
import type {JoinedConnection} from '../../aggregate/join/connection.js';
import type {Side} from '../../aggregate/join/side.js';
import {escapeText} from '../../terminal/escape.js';
import {formatComm, formatEndpoint, orUnknown, placeContainer, UNKNOWN} from '../table/cells.js';
import type {LiveColumn} from '../table/column-widths.js';
import type {Notation} from '../notation.js';
import {durationOf, latencyOf, stateOf} from './fields.js';

export interface JoinedColumn extends LiveColumn {
  /** Width of a terminal from which on it is shown. */
  readonly from: number;
  /** @param time as the table shows it */
  readonly read: (connection: JoinedConnection, time: string, notation: Notation) => string;
}

/** Formats the process and its place, such as `web-1 4711 curl`. */
function formatSide(side: Side | undefined): string {
  if (side === undefined) return UNKNOWN;
  const {host, first} = side;
  const place = [host, placeContainer(first)].filter((it) => it !== undefined).map(escapeText);
  return [...place, orUnknown(first.pid), formatComm(first.comm)].join(' ');
}

function formatLocal(side: Side | undefined): string {
  return side === undefined ? UNKNOWN : formatEndpoint(side.first.family, side.first.laddr, side.first.lport);
}

function formatRemote(side: Side | undefined): string {
  return side === undefined ? UNKNOWN : formatEndpoint(side.first.family, side.first.raddr, side.first.rport);
}

function formatKnown(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? UNKNOWN : format(value);
}

/** Returns the bytes that the opener sent; without it, those that the acceptor received. */
function sentBytes({opener, acceptor}: JoinedConnection): number | undefined {
  return opener?.totals?.tx_bytes ?? acceptor?.totals?.rx_bytes;
}

function receivedBytes({opener, acceptor}: JoinedConnection): number | undefined {
  return opener?.totals?.rx_bytes ?? acceptor?.totals?.tx_bytes;
}

function formatEnd(connection: JoinedConnection): string {
  const {opener, endedBy} = connection;
  const state = stateOf(connection);
  if (opener?.first.event === 'fail') return escapeText(opener.first.error ?? state);
  return state === 'open' ? state : (endedBy ?? UNKNOWN);
}

type Read = JoinedColumn['read'];

const left = (title: string, width: number, from: number, read: Read): JoinedColumn => ({
  title,
  width,
  from,
  read,
  align: 'left',
});

const right = (title: string, width: number, from: number, read: Read): JoinedColumn => ({
  ...left(title, width, from, read),
  align: 'right',
});

export const JOINED_COLUMNS = {
  time: left('TIME', 15, 130, (_, time) => time),
  opener: left('OPENER', 18, 0, ({opener}) => formatSide(opener)),
  from: left('FROM', 21, 170, ({opener, acceptor}) =>
    opener === undefined ? formatRemote(acceptor) : formatLocal(opener),
  ),
  to: left('TO', 21, 0, ({opener, acceptor}) =>
    opener === undefined ? formatLocal(acceptor) : formatRemote(opener),
  ),
  acceptor: left('ACCEPTOR', 18, 0, ({acceptor}) => formatSide(acceptor)),
  at: left('AT', 21, 170, ({acceptor}) => formatLocal(acceptor)),
  'seen-as': left('SEEN-AS', 21, 170, ({acceptor}) => formatRemote(acceptor)),
  latency: right('LATENCY', 9, 110, (it, _, {microseconds}) => formatKnown(latencyOf(it), microseconds)),
  duration: right('DURATION', 11, 95, (it, _, {microseconds}) => formatKnown(durationOf(it), microseconds)),
  tx: right('TX', 7, 110, (it, _, {bytes}) => formatKnown(sentBytes(it), bytes)),
  rx: right('RX', 7, 110, (it, _, {bytes}) => formatKnown(receivedBytes(it), bytes)),
  'ended-by': left('ENDED-BY', 8, 0, formatEnd),
} as const satisfies Record<string, JoinedColumn>;

export type JoinedColumnName = keyof typeof JOINED_COLUMNS;

export const JOINED_COLUMN_NAMES = Object.keys(JOINED_COLUMNS) as readonly JoinedColumnName[];
