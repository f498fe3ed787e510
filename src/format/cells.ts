/** What tables of events and of sockets have in common. */
import {type ConnectionEvent, isIncoming} from '../model/event.js';
import {escapeText} from '../terminal/escape.js';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export const UNKNOWN = '-';

export function orUnknown(value: number | undefined): string {
  return value === undefined ? UNKNOWN : String(value);
}

/** A name that is not to be trusted. */
export function formatComm(comm: string | undefined): string {
  return comm === undefined || comm === '' ? UNKNOWN : escapeText(comm);
}

/** One end of a connection, such as `[::1]:80`. */
export function formatEnd(family: 4 | 6, address: string | undefined, port: number | undefined): string {
  if (address === undefined && port === undefined) return UNKNOWN;
  const host = address === undefined ? '*' : family === 6 ? `[${address}]` : address;
  return `${host}:${port === undefined ? '*' : String(port)}`;
}

/** The remote end as it is counted: the port of who connects to us says nothing. */
export function formatRemote(event: ConnectionEvent): string {
  return isIncoming(event) ? event.raddr : formatEnd(event.family, event.raddr, event.rport);
}
