/**
 * Types of the events of a trace. Names are those of NDJSON; fields.ts has the meaning, unit and sources of each field.
 * A field that is absent or undefined is unknown.
 */

import type {StateName} from './state.js';

/** eBPF probes, in the order in which `auto` tries them. */
export const PROBES = ['fentry', 'kprobe', 'tracepoint'] as const;

export type Probe = (typeof PROBES)[number];

export const SOURCES = [...PROBES, 'proc', 'conntrack'] as const;

/** The origin of an event: an eBPF probe, scans of /proc, or the conntrack program. */
export type Source = (typeof SOURCES)[number];

export const DIRECTIONS = ['out', 'in', 'unknown'] as const;

/** `out` if this socket called connect(), `in` if it was accepted. */
export type Direction = (typeof DIRECTIONS)[number];

export const ENDINGS = ['local', 'remote', 'local-reset', 'remote-reset', 'timeout'] as const;

/** The side whose FIN came first, or the cause if the connection did not end by FIN. */
export type EndedBy = (typeof ENDINGS)[number];

interface EventBase {
  /** RFC 3339, UTC, nanoseconds: when the kernel did it. */
  readonly time: string;
  readonly source: Source;
  /** Name of the host that recorded the event. Untrusted text in recordings. */
  readonly host?: string | undefined;
}

/**
 * Names that are looked up in user space on request: untrusted text of any characters. NDJSON has them after the other
 * fields.
 */
export interface Names {
  /** Name of `uid`, by passwd(5). */
  readonly user?: string | undefined;
  /** Command line of the process, with spaces between its arguments. */
  readonly args?: string | undefined;
  /** Path of the process's cgroup in the unified hierarchy; in a version 1 hierarchy if only that shows a container. */
  readonly cgroup?: string | undefined;
  /** ID of the outermost container, in the spelling of its runtime; with LXC and systemd-nspawn, its name. */
  readonly container?: string | undefined;
  /** Ids from the outermost container to the innermost, with slashes between them, if there are several. */
  readonly container_path?: string | undefined;
  readonly container_name?: string | undefined;
  /** Name of the Kubernetes or Podman pod. */
  readonly pod?: string | undefined;
  readonly pod_namespace?: string | undefined;
  /** Host name of `raddr`, by DNS or hosts(5). */
  readonly raddr_name?: string | undefined;
  /** Service of the port that was connected to, by services(5). */
  readonly service?: string | undefined;
  /** Container of the process at the remote endpoint. */
  readonly peer_container?: string | undefined;
  readonly peer_container_name?: string | undefined;
  readonly peer_pod?: string | undefined;
  readonly peer_pod_namespace?: string | undefined;
}

/** Fields of every event of a connection. */
interface Connection extends EventBase, Names {
  /** Process (thread group) that called connect(), accept() or close(), numbered in the initial pid namespace. */
  readonly pid?: number | undefined;
  /** Name of the process (its main thread). Untrusted text of any characters. */
  readonly comm?: string | undefined;
  /** Real user ID of the process, in the initial user namespace. */
  readonly uid?: number | undefined;
  /** Name of the calling thread, if it differs from `comm`. Untrusted text of any characters. */
  readonly thread?: string | undefined;
  /** IP version; an IPv4-mapped IPv6 connection is 4. */
  readonly family: 4 | 6;
  readonly laddr?: string | undefined;
  readonly lport?: number | undefined;
  readonly raddr: string;
  readonly rport: number;
  /**
   * Interface on which the link-local addresses (fe80::/10) among `laddr` and `raddr` are valid: its name in the network
   * namespace, or its number if the name is unknown. Untrusted text of any characters.
   */
  readonly zone?: string | undefined;
  /** Index of that interface. Used for filters; not in NDJSON. */
  readonly ifindex?: number | undefined;
  /** Inode number of the socket's network namespace, as in /proc/PID/ns/net. */
  readonly netns?: number | undefined;
  /** Inode number of the socket, as `socket:[N]` in /proc/PID/fd. */
  readonly inode?: number | undefined;
  /** Cgroup of the process at that moment, as a number (bpf/cgroup.h). Used for {@link Names}; not in NDJSON. */
  readonly cgroup_id?: number | undefined;
}

/** Fields of an event that describe its process. */
export const PROCESS_FIELDS = [
  'pid',
  'uid',
  'comm',
  'thread',
  'cgroup_id',
  'cgroup',
  'container',
  'container_name',
  'pod',
  'pod_namespace',
] as const satisfies readonly (keyof Connection)[];

/** The process that opened a connection, at that moment. */
export type Opener = Pick<Connection, (typeof PROCESS_FIELDS)[number]>;

/** The process at the remote endpoint of a connection, when it connected or accepted, and its socket. */
export type Peer = Pick<Connection, 'pid' | 'comm' | 'uid' | 'inode' | 'netns' | 'cgroup_id'>;

/** The remote endpoint, if its socket is on this host. */
export interface PeerFields {
  /** A process that connected, accepted or holds it. */
  readonly peer_pid?: number | undefined;
  readonly peer_comm?: string | undefined;
  readonly peer_inode?: number | undefined;
  readonly peer_netns?: number | undefined;
}

/** Fields of every event of a connection that was established. */
interface Established extends Connection, PeerFields {
  readonly direction: Direction;
  /** One-way hash of both initial sequence numbers, 16 hexadecimal digits: equal at both endpoints, on every host. */
  readonly flow?: string | undefined;
  /** All that is known of the process at the remote endpoint. Used for names; not in NDJSON. */
  readonly peer?: Peer | undefined;
}

/** A connect() call reached ESTABLISHED. */
export interface ConnectEvent extends Established {
  readonly event: 'connect';
  /** From the connect() call to ESTABLISHED, in microseconds. */
  readonly latency_us?: number | undefined;
  /** Retransmissions of the SYN. */
  readonly syn_retrans?: number | undefined;
}

/** accept() returned the connection to a process. */
export interface AcceptEvent extends Established {
  readonly event: 'accept';
  /** From ESTABLISHED in the backlog to the return of accept(), in microseconds. */
  readonly accept_delay_us?: number | undefined;
  /** Retransmissions of the SYN-ACK. */
  readonly syn_retrans?: number | undefined;
}

/** Totals of a connection; an absent one is unknown. */
export interface Totals {
  /** Payload that the application handed to TCP since the connection began. */
  readonly tx_bytes?: number | undefined;
  /** Payload received in order since the connection began. */
  readonly rx_bytes?: number | undefined;
  /** Smoothed round-trip time, in microseconds. */
  readonly rtt_us?: number | undefined;
  /** Segments retransmitted since the connection began. */
  readonly retrans?: number | undefined;
}

/** The last reference to an established connection's socket is gone. */
export interface CloseEvent extends Established, Totals {
  readonly event: 'close';
  /** Process that opened or accepted the connection, if another process closed it. */
  readonly owner_pid?: number | undefined;
  readonly owner_comm?: string | undefined;
  readonly owner_uid?: number | undefined;
  /** The opener, if any of its fields differs from the closing process. Used for filters; not in NDJSON. */
  readonly opener?: Opener | undefined;
  /** Since the connect or accept event, in microseconds; absent for a preexisting connection. */
  readonly duration_us?: number | undefined;
  readonly ended_by?: EndedBy | undefined;
}

/** A connect() call ended before ESTABLISHED. */
export interface FailEvent extends Connection {
  readonly event: 'fail';
  /** From the connect() call to the failure, in microseconds. */
  readonly latency_us?: number | undefined;
  /** Retransmissions of the SYN. */
  readonly syn_retrans?: number | undefined;
  /** Name of the errno that the application got, such as ECONNREFUSED; ECANCELED if it closed the socket first. */
  readonly error?: string | undefined;
}

/** A preexisting connection. */
export interface OpenEvent extends Established {
  readonly event: 'open';
}

/** Current numbers of a live connection; an absent one is unknown. */
export interface LiveNumbers {
  /** Mean deviation of the round-trip time, in microseconds. */
  readonly rttvar_us?: number | undefined;
  /** Least round-trip time of the last minutes, in microseconds. */
  readonly min_rtt_us?: number | undefined;
  /** Congestion window, in segments. */
  readonly cwnd?: number | undefined;
  /** Recent rate of acknowledged data, in bits per second. */
  readonly delivery_rate_bps?: number | undefined;
  /** Segments sent and not acknowledged. */
  readonly unacked?: number | undefined;
  /** Bytes handed to TCP that the peer has not acknowledged. */
  readonly tx_queue_bytes?: number | undefined;
  /** Bytes received that the application has not read. */
  readonly rx_queue_bytes?: number | undefined;
  /** Number of times that segments reached the peer out of order. */
  readonly reordered?: number | undefined;
}

/** A live connection that has changed since its last update. */
export interface UpdateEvent extends Established, Totals, LiveNumbers {
  readonly event: 'update';
  /** TCP state in the spelling of ss(8). */
  readonly state: StateName;
}

/** Events that were dropped, or could not be known, since the last lost event. */
export interface LostEvent extends EventBase {
  readonly event: 'lost';
  readonly count: number;
}

export type ConnectionEvent = ConnectEvent | AcceptEvent | CloseEvent | FailEvent | OpenEvent | UpdateEvent;

export type TraceEvent = ConnectionEvent | LostEvent;

/** Returns true if the remote endpoint connected. */
export function isIncoming(event: ConnectionEvent): boolean {
  return event.event !== 'fail' && event.direction === 'in';
}

export type EventKind = TraceEvent['event'];

/** Every kind, in the order of the documentation. */
export const EVENT_KINDS = [
  'connect',
  'accept',
  'close',
  'fail',
  'open',
  'update',
  'lost',
] as const satisfies readonly EventKind[];
