/**
 * The table of the fields of sockets, in the order of JSON; tcptrace-events(5) comes from it. Fields that events also have
 * take their meaning from the table of events.
 */
import {type Field, FIELDS} from './fields.js';
import type {OpenSocket} from './socket.js';

/** A field in JSON. */
export type SocketFieldName = Exclude<keyof OpenSocket, 'ifindex'>;

export interface SocketField extends Pick<Field, 'meaning' | 'unit'> {
  readonly name: SocketFieldName;
  /** Source `proc` knows it. */
  readonly inProc: boolean;
  /** Only listeners have it. */
  readonly isListener: boolean;
}

type OwnField = Pick<Field, 'meaning' | 'unit'> & Partial<SocketField>;

/** Fields of sockets only, and those whose meaning differs from that in events. */
const OWN: Readonly<Partial<Record<SocketFieldName, OwnField>>> = {
  source: {meaning: '`ebpf` or `proc`: how the sockets were listed'},
  host: {meaning: 'name of the host, with `--host-name`'},
  pid: {meaning: 'a process that holds the socket; absent if no visible process does'},
  fds: {meaning: 'its descriptors in that process, an array'},
  inode: {meaning: 'inode number of the socket, as in /proc/PID/fd and `ss -e`'},
  timer: {
    meaning:
      'the timer that runs: `on` (retransmission), `keepalive`, `timewait`, or `persist` (probes of a full window); ' +
      'absent if none does',
  },
  timer_ms: {meaning: 'until it expires', unit: 'milliseconds'},
  timer_retrans: {meaning: 'how often it has expired: retransmissions or probes so far'},
  backlog: {meaning: 'connections that wait to be accepted, as `Recv-Q` of `ss`', isListener: true},
  backlog_max: {meaning: 'limit of the backlog, as `Send-Q` of `ss`', inProc: false, isListener: true},
};

/** Fields of `update` events that /proc/net/tcp has. */
const IN_PROC: readonly SocketFieldName[] = ['state', 'cwnd', 'tx_queue_bytes', 'rx_queue_bytes'];

const ORDER = [
  ...(['source', 'host', 'state', 'pid', 'comm', 'uid', 'fds'] as const),
  ...(['family', 'laddr', 'lport', 'raddr', 'rport', 'zone', 'netns', 'inode', 'flow', 'direction'] as const),
  ...(['tx_bytes', 'rx_bytes', 'rtt_us', 'retrans', 'rttvar_us', 'min_rtt_us', 'cwnd'] as const),
  ...(['delivery_rate_bps', 'unacked', 'tx_queue_bytes', 'rx_queue_bytes', 'reordered'] as const),
  ...(['timer', 'timer_ms', 'timer_retrans', 'backlog', 'backlog_max'] as const),
  ...(['peer_pid', 'peer_comm', 'peer_inode', 'peer_netns'] as const),
] satisfies readonly SocketFieldName[];

function describe(name: (typeof ORDER)[number]): SocketField {
  const own = OWN[name];
  if (own !== undefined) return {inProc: true, isListener: false, ...own, name};
  const field = FIELDS.find((known) => known.name === name);
  if (field === undefined) throw new Error(`no field ${name} in the table of events`);
  const {meaning, unit, sources} = field;
  const inProc = sources.includes('proc') || IN_PROC.includes(name);
  return {name, meaning, inProc, isListener: false, ...(unit !== undefined && {unit})};
}

/** Every field of a socket, in the order of JSON. */
export const SOCKET_FIELDS: readonly SocketField[] = ORDER.map(describe);
