/** The process or remote endpoint that a row counts. */
import {type ConnectionEvent, isIncoming} from '../model/event.js';

export interface ProcessSubject {
  readonly kind: 'process';
  readonly pid: number | undefined;
  /** Untrusted text. */
  readonly comm: string | undefined;
}

export interface RemoteSubject {
  readonly kind: 'remote';
  readonly family: 4 | 6;
  readonly address: string;
  /** Undefined for connections that the remote endpoint opened: their ports are ephemeral. */
  readonly port: number | undefined;
}

/** Everything beyond the limit of rows. */
export interface Others {
  readonly kind: 'others';
}

export type Subject = ProcessSubject | RemoteSubject | Others;

/** Attributes the event to the process that opened the connection, whichever process closed it. */
export function asOwner(event: ConnectionEvent): ConnectionEvent {
  if (event.event !== 'close' || event.owner_pid === undefined) return event;
  return {
    ...event,
    pid: event.owner_pid,
    comm: event.owner_comm,
    uid: event.owner_uid,
    thread: event.opener?.thread,
    cgroup_id: event.opener?.cgroup_id,
  };
}

export function processOf({pid, comm}: ConnectionEvent): ProcessSubject {
  return {kind: 'process', pid, comm};
}

export function remoteOf(event: ConnectionEvent): RemoteSubject {
  const {family, raddr: address, rport} = event;
  return {kind: 'remote', family, address, port: isIncoming(event) ? undefined : rport};
}

/** Returns the key of the row that counts an event for its process. */
export function processKey({pid}: ConnectionEvent): string {
  return String(pid);
}

/** Returns the key of the row that counts an event for its remote endpoint. */
export function remoteKey(event: ConnectionEvent): string {
  return isIncoming(event) ? event.raddr : `${event.raddr} ${String(event.rport)}`;
}
