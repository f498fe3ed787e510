/** The vocabulary of tcptrace: what a trace is made of. Field names and order are those of the NDJSON output. */

export const SOURCES = ['fentry', 'kprobe', 'tracepoint', 'proc', 'conntrack'] as const;

/** How an event came to be known. */
export type Source = (typeof SOURCES)[number];

export const DIRECTIONS = ['out', 'in', 'unknown'] as const;

/** Who asked for the connection: `out` is we called connect(), `in` is we accepted. */
export type Direction = (typeof DIRECTIONS)[number];

export const ENDINGS = ['local', 'remote', 'local-reset', 'remote-reset', 'timeout'] as const;

/** Whose FIN came first, or what ended the connection where it was no FIN. */
export type EndedBy = (typeof ENDINGS)[number];

interface EventBase {
  /** RFC 3339, UTC, nanoseconds: when the kernel did it. */
  readonly time: string;
  readonly source: Source;
}

/**
 * What is looked up in user space, where that is asked for. Any text, not to be trusted. Behind the other fields in NDJSON.
 */
export interface Names {
  /** Of `uid`, by passwd(5). */
  readonly user?: string | undefined;
  /** Command line of the process, its words with spaces between them. */
  readonly args?: string | undefined;
  /** Of the process: path in the unified hierarchy. */
  readonly cgroup?: string | undefined;
  /** Id of the container, as its runtime writes it. */
  readonly container?: string | undefined;
  readonly container_name?: string | undefined;
  /** Of Kubernetes. */
  readonly pod?: string | undefined;
  readonly pod_namespace?: string | undefined;
  /** Of `raddr`, by DNS or hosts(5). */
  readonly raddr_name?: string | undefined;
  /** Of the port that was connected to, by services(5). */
  readonly service?: string | undefined;
}

export const NAME_FIELDS = [
  'user',
  'args',
  'cgroup',
  'container',
  'container_name',
  'pod',
  'pod_namespace',
  'raddr_name',
  'service',
] as const satisfies readonly (keyof Names)[];

/** What every event of a connection carries. A field that is absent or undefined is unknown. */
interface Connection extends EventBase, Names {
  /** Thread group in whose context it happened, in the initial pid namespace. */
  readonly pid?: number | undefined;
  /** Name of the process, that is of its main thread: untrusted text. */
  readonly comm?: string | undefined;
  /** Real user id in the initial user namespace. */
  readonly uid?: number | undefined;
  /** Name of the calling thread, if it differs from {@link comm}: untrusted text. */
  readonly thread?: string | undefined;
  /** 6 is genuine IPv6; IPv4-mapped connections are 4. */
  readonly family: 4 | 6;
  readonly laddr?: string | undefined;
  readonly lport?: number | undefined;
  readonly raddr: string;
  readonly rport: number;
  /** Inode of the network namespace, as in /proc/PID/ns/net. */
  readonly netns?: number | undefined;
  /** Inode of the socket, as in `socket:[N]` of /proc/PID/fd. */
  readonly inode?: number | undefined;
  /** Of the process when it happened: inode of its directory in the unified hierarchy. For {@link Names}; not in NDJSON. */
  readonly cgroup_id?: number | undefined;
}

/** An active open reached ESTABLISHED. */
export interface ConnectEvent extends Connection {
  readonly event: 'connect';
  readonly direction: Direction;
  /** From the call of connect(), in microseconds. */
  readonly latency_us?: number | undefined;
}

/** accept() returned the connection to a process. */
export interface AcceptEvent extends Connection {
  readonly event: 'accept';
  readonly direction: Direction;
}

/** The last reference to an established connection's socket is gone. */
export interface CloseEvent extends Connection {
  readonly event: 'close';
  readonly direction: Direction;
  /** The process that connected or accepted, if another one closed the connection. */
  readonly owner_pid?: number | undefined;
  readonly owner_comm?: string | undefined;
  readonly owner_uid?: number | undefined;
  /** Since the connect or accept event, in microseconds. */
  readonly duration_us?: number | undefined;
  /** Payload the application handed to TCP. */
  readonly tx_bytes?: number | undefined;
  /** Payload received in order. */
  readonly rx_bytes?: number | undefined;
  /** Smoothed round trip, in microseconds. */
  readonly rtt_us?: number | undefined;
  /** Segments retransmitted. */
  readonly retrans?: number | undefined;
  readonly ended_by?: EndedBy | undefined;
}

/** An active open ended without reaching ESTABLISHED. */
export interface FailEvent extends Connection {
  readonly event: 'fail';
  /** From the call of connect(), in microseconds. */
  readonly latency_us?: number | undefined;
  /** Name of the errno, such as ECONNREFUSED. */
  readonly error?: string | undefined;
}

/** A connection that was there when the trace began. */
export interface OpenEvent extends Connection {
  readonly event: 'open';
  readonly direction: Direction;
}

/** Events that the kernel could not hand over since the last one of these. */
export interface LostEvent extends EventBase {
  readonly event: 'lost';
  readonly count: number;
}

export type ConnectionEvent = ConnectEvent | AcceptEvent | CloseEvent | FailEvent | OpenEvent;

export type TraceEvent = ConnectionEvent | LostEvent;

/** Whether the remote end is who connected. */
export function isIncoming(event: ConnectionEvent): boolean {
  return event.event !== 'fail' && event.direction === 'in';
}

export type EventKind = TraceEvent['event'];

/** Every kind, in the order in which they are listed to people. */
export const EVENT_KINDS = [
  'connect',
  'accept',
  'close',
  'fail',
  'open',
  'lost',
] as const satisfies readonly EventKind[];
