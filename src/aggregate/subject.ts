/** The subject of a row: a process, a remote endpoint and so on. */
import {type ConnectionEvent, type Direction, isIncoming, type Names} from '../model/event.js';

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
  /** Interface of a link-local address; untrusted text. */
  readonly zone?: string | undefined;
}

/** Processes of one name. */
export interface ProgramSubject {
  readonly kind: 'program';
  /** Untrusted text. */
  readonly comm: string | undefined;
}

/** One socket of a connection, and the process that opened or accepted it. */
export interface ConnectionSubject extends Pick<
  ConnectionEvent,
  'pid' | 'comm' | 'family' | 'laddr' | 'lport' | 'raddr' | 'rport' | 'netns' | 'inode'
> {
  readonly kind: 'connection';
  readonly direction: Direction;
}

/** The outermost container of processes. Untrusted texts; all undefined outside of containers. */
export interface ContainerSubject extends Pick<
  Names,
  'container' | 'container_name' | 'pod' | 'pod_namespace'
> {
  readonly kind: 'container';
}

/** Connections to a local port. */
export interface LocalPortSubject {
  readonly kind: 'lport';
  /** Undefined for all connections that were opened here: their local ports are ephemeral. */
  readonly port: number | undefined;
}

export interface UserSubject {
  readonly kind: 'user';
  readonly uid: number | undefined;
  /** Name of the user; untrusted text. */
  readonly user: string | undefined;
}

/** A pod; both undefined for processes outside of pods. Untrusted texts. */
export interface PodSubject extends Pick<Names, 'pod' | 'pod_namespace'> {
  readonly kind: 'pod';
}

/** Everything beyond the limit of rows. */
export interface Others {
  readonly kind: 'others';
}

export type Subject =
  | ProcessSubject
  | ProgramSubject
  | ConnectionSubject
  | RemoteSubject
  | LocalPortSubject
  | UserSubject
  | ContainerSubject
  | PodSubject
  | Others;

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
  const {family, raddr: address, rport, zone} = event;
  return {kind: 'remote', family, address, port: isIncoming(event) ? undefined : rport, zone};
}

/** Returns the key of the row that counts an event for its process. */
export function processKey({pid}: ConnectionEvent): string {
  return String(pid);
}

/** Returns the key of the row that counts an event for its remote endpoint. */
export function remoteKey(event: ConnectionEvent): string {
  const {raddr, rport, zone} = event;
  const host = zone === undefined ? raddr : `${raddr}%${zone}`;
  return isIncoming(event) ? host : `${host} ${String(rport)}`;
}

export function programOf({comm}: ConnectionEvent): ProgramSubject {
  return {kind: 'program', comm};
}

export function localPortOf(event: ConnectionEvent): LocalPortSubject {
  const isOutgoing = event.event === 'fail' || event.direction === 'out';
  return {kind: 'lport', port: isOutgoing ? undefined : event.lport};
}

export function podKey({pod, pod_namespace}: PodSubject): string {
  return `pod ${String(pod_namespace)}/${String(pod)}`;
}

export function connectionOf(event: ConnectionEvent): ConnectionSubject {
  const {pid, comm, family, laddr, lport, raddr, rport, netns, inode} = event;
  const direction = event.event === 'fail' ? 'out' : event.direction;
  return {kind: 'connection', pid, comm, family, laddr, lport, raddr, rport, netns, inode, direction};
}

/** Returns the key of a socket and its remote endpoint, because disconnect and connect() leave the socket. */
export function endpointKey({netns, inode, lport, raddr, rport}: ConnectionEvent): string {
  return `${String(netns)} ${String(inode ?? lport)} ${raddr} ${String(rport)}`;
}
