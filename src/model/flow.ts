import type {ConnectionEvent} from './event.js';

/** The two ends of a connection, as one of them has them. */
export interface FlowEndpoints {
  readonly laddr: string;
  readonly lport: number;
  readonly raddr: string;
  readonly rport: number;
}

/** What one who sees packets instead of sockets tells; its ends are as the socket that connected has them. */
export type FlowEvent = ConnectionEvent & {
  /** As the socket that accepted has them: behind NAT more than the same from the other side. */
  readonly far?: FlowEndpoints | undefined;
};
