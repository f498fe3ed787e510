import type {Direction, LiveNumbers, Names, PeerFields, Totals} from './event.js';
import type {StateName} from './state.js';

/** Names of timers in ss(8), by their numbers in `struct inet_diag_msg`; undefined: no timer runs. */
export const TIMER_NAMES = [undefined, 'on', 'keepalive', 'timewait', 'persist'] as const;

/** A running timer: of retransmission (`on`), keepalive, TIME_WAIT, or probes of a full window (`persist`). */
export type TimerName = NonNullable<(typeof TIMER_NAMES)[number]>;

/**
 * Numbers of a socket. Those that /proc/net/tcp does not have are unknown to source `proc`; all are in TIME_WAIT and
 * SYN_RECV, apart from the timer. A listener has `backlog` instead of queues; MPTCP has totals since Linux 6.5.
 */
export interface SocketNumbers extends Totals, LiveNumbers {
  /** Absent if no timer runs. */
  readonly timer?: TimerName | undefined;
  readonly timer_ms?: number | undefined;
  readonly timer_retrans?: number | undefined;
  /** Connections that wait to be accepted, and the limit of their number; only for listeners. */
  readonly backlog?: number | undefined;
  readonly backlog_max?: number | undefined;
}

/**
 * A TCP socket. A socket that several processes hold is listed once for each of them. An absent field is unknown. Sockets
 * without a process have no `pid`: those in TIME_WAIT or SYN_RECV, in a backlog, of the kernel, or closed by their process.
 */
export interface OpenSocket extends SocketNumbers, PeerFields {
  readonly source: 'ebpf' | 'proc';
  /** Name of the host, if one was given. */
  readonly host?: string | undefined;
  /** In the spelling of ss(8). */
  readonly state: StateName;
  readonly pid?: number | undefined;
  /** Name of the process's main thread; untrusted text. */
  readonly comm?: string | undefined;
  /** Real user id of the process. */
  readonly uid?: number | undefined;
  /** Its descriptors in that process, sorted. */
  readonly fds?: readonly number[] | undefined;
  /** IP version; 4 for an IPv4-mapped address. */
  readonly family: 4 | 6;
  readonly laddr: string;
  readonly lport: number;
  /** Absent for a listener, as is `direction`. */
  readonly raddr?: string | undefined;
  readonly rport?: number | undefined;
  /** As in events. */
  readonly zone?: string | undefined;
  /** Index of that interface. Used for filters; not in JSON. */
  readonly ifindex?: number | undefined;
  readonly netns: number;
  /** Absent if no `struct socket` exists, as in TIME_WAIT. */
  readonly inode?: number | undefined;
  /** As in events; absent while the connection is not established, and in TIME_WAIT. */
  readonly flow?: string | undefined;
  readonly direction?: Direction | undefined;
}

/** A socket with names that were looked up. */
export type NamedSocket = OpenSocket & Names;
