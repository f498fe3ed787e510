import type {Direction, Names} from './event.js';
import type {TcpStateName} from './state.js';

/**
 * A TCP socket. A socket that several processes hold is listed once for each of them. An absent field is unknown. Sockets
 * without a process have no `pid`: those in TIME_WAIT or SYN_RECV, in a backlog, of the kernel, or closed by their process.
 */
export interface OpenSocket {
  readonly source: 'ebpf' | 'proc';
  readonly state: TcpStateName;
  readonly pid?: number | undefined;
  /** Name of the process's main thread; untrusted text. */
  readonly comm?: string | undefined;
  /** Real user id of the process. */
  readonly uid?: number | undefined;
  /** IP version; 4 for an IPv4-mapped address. */
  readonly family: 4 | 6;
  readonly laddr: string;
  readonly lport: number;
  /** Absent for a listener, as is `direction`. */
  readonly raddr?: string | undefined;
  readonly rport?: number | undefined;
  readonly netns: number;
  /** Absent if no `struct socket` exists, as in TIME_WAIT. */
  readonly inode?: number | undefined;
  readonly direction?: Direction | undefined;
}

/** A socket with names that were looked up. */
export type NamedSocket = OpenSocket & Names;
