import type {ConnectionEvent} from './event.js';

/** Endpoints of a connection, from the view of one socket. */
export interface FlowEndpoints {
  readonly laddr: string;
  readonly lport: number;
  readonly raddr: string;
  readonly rport: number;
}

/** An event of conntrack, which sees packets, not sockets. The endpoints are those of the connecting socket. */
export type FlowEvent = ConnectionEvent & {
  /** Endpoints of the accepting socket; with NAT they differ from the mirrored ones. */
  readonly far?: FlowEndpoints | undefined;
};
