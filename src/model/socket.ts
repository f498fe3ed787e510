import type {Direction, Names} from './event.js';

/** States of TCP, by the numbers of include/net/tcp_states.h. */
export const TcpState = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT1: 4,
  FIN_WAIT2: 5,
  TIME_WAIT: 6,
  CLOSE: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
  LISTEN: 10,
  CLOSING: 11,
  NEW_SYN_RECV: 12,
} as const;

export type TcpStateName = keyof typeof TcpState;

const NAMES = new Map(Object.entries(TcpState).map(([name, code]) => [code as number, name as TcpStateName]));

/** @returns undefined for a number that is no state */
export function nameOfState(code: number): TcpStateName | undefined {
  return NAMES.get(code);
}

/** A TCP socket in the hands of one process; of several processes that hold it, each has one. Absent is unknown. */
export interface OpenSocket {
  readonly source: 'ebpf' | 'proc';
  readonly state: TcpStateName;
  readonly pid: number;
  /** Name of its main thread; not to be trusted. */
  readonly comm?: string | undefined;
  /** Real user id. */
  readonly uid?: number | undefined;
  /** IPv4-mapped is 4. */
  readonly family: 4 | 6;
  readonly laddr: string;
  readonly lport: number;
  /** A listener has no remote end, and no direction. */
  readonly raddr?: string | undefined;
  readonly rport?: number | undefined;
  readonly netns: number;
  readonly inode: number;
  readonly direction?: Direction | undefined;
}

/** The same with what was looked up. */
export type NamedSocket = OpenSocket & Names;
