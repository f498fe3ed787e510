import type {ConnectionEvent} from './event.js';

/** Endpoints of a connection, as one of its sockets has them. */
export interface FlowEndpoints {
  readonly laddr: string;
  readonly lport: number;
  readonly raddr: string;
  readonly rport: number;
}

/** An event of conntrack, which sees packets, not sockets. Its endpoints are those of the connecting socket. */
export type FlowEvent = ConnectionEvent & {
  /** Endpoints of the accepting socket. Without NAT, they are those of the connecting socket, swapped. */
  readonly far?: FlowEndpoints | undefined;
};
