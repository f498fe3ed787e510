/**
 * The one table of event fields, in the order of NDJSON. The columns of CSV, the checks of recordings, the JSON Schema,
 * tcptrace-events(5) and the table of README.md come from it.
 */
import {
  DIRECTIONS,
  ENDINGS,
  EVENT_KINDS,
  type EventKind,
  type Names,
  PROBES,
  type Source,
  SOURCES,
} from './event.js';
import {STATE_NAMES} from './state.js';
import {KIND_NAMES, type KindName, KINDS, SOCKET_SOURCES} from './schema/kinds.js';
import {
  ADDRESS,
  ERRNO,
  HASH,
  LONG_TEXT,
  NAME,
  NUMBER,
  oneOf,
  PORT,
  TIME,
  type ValueType,
} from './schema/value-type.js';

const CONNECTION_KINDS = KIND_NAMES.filter((kind) => kind !== 'lost');
/** The kinds of a connection that was established. */
const LIVE_KINDS: readonly KindName[] = ['connect', 'accept', 'close', 'open', 'update'];

interface FieldRow {
  readonly value: ValueType;
  /** One sentence, without its capital and full stop. */
  readonly meaning: string;
  readonly unit?: 'microseconds' | 'milliseconds' | 'bytes' | 'segments' | 'bits per second';
  /** Kinds of events that may have it. @default every kind but `lost` */
  readonly on?: readonly KindName[];
  /** True if every event of these kinds has the field. */
  readonly required?: true;
  /** Sources that can fill it. @default those that know sockets */
  readonly sources?: readonly Source[];
  /** Text that another process or a name server chose: any characters. */
  readonly untrusted?: true;
  /** Flag without which the field is absent. */
  readonly flag?: string;
  /** Looked up in user space; see {@link Names}. */
  readonly lookup?: true;
  /** No event has it yet. Delete this line when one does. */
  readonly planned?: true;
}

const EVERY = {on: KIND_NAMES, required: true, sources: SOURCES} as const;
const OWNER = {on: ['close']} as const;
const COUNTED = {on: ['close', 'update'], sources: PROBES} as const;
const UPDATED = {on: ['update'], sources: PROBES} as const;
const PEER = {on: LIVE_KINDS, sources: PROBES, flag: '--peers'} as const;
const LOOKUP = {untrusted: true, lookup: true} as const;
const CONTAINER = {...LOOKUP, flag: '--containers'} as const;
const PEER_CONTAINER = {...PEER, ...LOOKUP, flag: '--peers --containers'} as const;

const ROWS = {
  time: {
    value: TIME,
    meaning: 'when the kernel did it, in UTC with nanoseconds; with source `proc`, when a scan found it',
    ...EVERY,
  },
  event: {value: oneOf(EVENT_KINDS), meaning: 'kind of the event', ...EVERY},
  source: {
    value: oneOf(SOURCES),
    meaning: 'the eBPF probe or other source that reported the event',
    ...EVERY,
  },
  host: {
    value: NAME,
    meaning: 'name of the host that recorded the event',
    on: KIND_NAMES,
    sources: SOURCES,
    flag: '--host-name',
    untrusted: true,
  },
  pid: {
    value: NUMBER,
    meaning:
      'process (thread group) that called connect(), accept() or close(), numbered in the initial pid namespace; ' +
      'with source `proc`, the process that holds the socket',
  },
  comm: {value: NAME, meaning: 'name of the process (its main thread)', untrusted: true},
  uid: {value: NUMBER, meaning: 'real user ID of the process, in the initial user namespace'},
  thread: {
    value: NAME,
    meaning: 'name of the calling thread, if it differs from `comm`',
    sources: PROBES,
    untrusted: true,
  },
  owner_pid: {
    value: NUMBER,
    meaning: 'process that opened or accepted the connection, if another process closed it',
    ...OWNER,
  },
  owner_comm: {value: NAME, meaning: 'name of that process', ...OWNER, untrusted: true},
  owner_uid: {value: NUMBER, meaning: 'real user ID of that process', ...OWNER},
  family: {
    value: oneOf([4, 6]),
    meaning: 'IP version; an IPv4-mapped IPv6 connection is 4',
    required: true,
    sources: SOURCES,
  },
  laddr: {value: ADDRESS, meaning: 'local address', sources: SOURCES},
  lport: {value: PORT, meaning: 'local port', sources: SOURCES},
  raddr: {value: ADDRESS, meaning: 'remote address', required: true, sources: SOURCES},
  rport: {value: PORT, meaning: 'remote port', required: true, sources: SOURCES},
  zone: {
    value: NAME,
    meaning:
      'interface of link-local addresses (fe80::/10): its name in the network namespace, or its number if the name ' +
      'is unknown',
    sources: PROBES,
    untrusted: true,
  },
  netns: {value: NUMBER, meaning: "inode number of the socket's network namespace, as in /proc/PID/ns/net"},
  inode: {
    value: NUMBER,
    meaning: 'inode number of the socket, as in /proc/PID/fd and `ss -e`; joins all events of one socket',
  },
  flow: {
    value: HASH,
    meaning: 'one-way hash of both initial sequence numbers, equal at both endpoints on every host',
    on: LIVE_KINDS,
    sources: PROBES,
  },
  peer_pid: {
    value: NUMBER,
    meaning: 'process at the remote endpoint, if that socket is on this host',
    ...PEER,
  },
  peer_comm: {value: NAME, meaning: 'name of that process', ...PEER, untrusted: true},
  peer_inode: {value: NUMBER, meaning: 'inode number of the socket at the remote endpoint', ...PEER},
  peer_netns: {value: NUMBER, meaning: 'inode number of its network namespace', ...PEER},
  direction: {
    value: oneOf(DIRECTIONS),
    meaning: '`out` if this socket called connect(), `in` if it was accepted, `unknown` if neither is known',
    on: LIVE_KINDS,
    required: true,
    sources: SOURCES,
  },
  latency_us: {
    value: NUMBER,
    meaning: 'from the connect() call to ESTABLISHED, or to the failure',
    unit: 'microseconds',
    on: ['connect', 'fail'],
    sources: PROBES,
  },
  accept_delay_us: {
    value: NUMBER,
    meaning: 'from ESTABLISHED in the backlog to the return of accept()',
    unit: 'microseconds',
    on: ['accept'],
    sources: PROBES,
  },
  syn_retrans: {
    value: NUMBER,
    meaning: "retransmissions of this endpoint's SYN or SYN-ACK",
    unit: 'segments',
    on: ['connect', 'accept', 'fail'],
    sources: PROBES,
  },
  error: {
    value: ERRNO,
    meaning: 'errno that the application got; `ECANCELED` if it closed the socket first',
    on: ['fail'],
    sources: PROBES,
  },
  duration_us: {
    value: NUMBER,
    meaning: 'since the connect or accept event; absent for a preexisting connection',
    unit: 'microseconds',
    on: ['close'],
  },
  tx_bytes: {
    value: NUMBER,
    meaning: 'payload that the application handed to TCP since the connection began',
    unit: 'bytes',
    ...COUNTED,
  },
  rx_bytes: {
    value: NUMBER,
    meaning: 'payload received in order since the connection began',
    unit: 'bytes',
    ...COUNTED,
  },
  rtt_us: {value: NUMBER, meaning: 'smoothed round-trip time', unit: 'microseconds', ...COUNTED},
  retrans: {
    value: NUMBER,
    meaning: 'retransmissions since the connection began',
    unit: 'segments',
    ...COUNTED,
  },
  state: {
    value: oneOf(STATE_NAMES),
    meaning: 'TCP state in the spelling of `ss`, such as `established` or `close-wait`',
    required: true,
    ...UPDATED,
  },
  rttvar_us: {
    value: NUMBER,
    meaning: 'mean deviation of the round-trip time',
    unit: 'microseconds',
    ...UPDATED,
  },
  min_rtt_us: {
    value: NUMBER,
    meaning: 'least round-trip time of the last minutes',
    unit: 'microseconds',
    ...UPDATED,
  },
  cwnd: {value: NUMBER, meaning: 'congestion window', unit: 'segments', ...UPDATED},
  delivery_rate_bps: {
    value: NUMBER,
    meaning: 'recent rate at which the peer acknowledged data',
    unit: 'bits per second',
    ...UPDATED,
  },
  unacked: {value: NUMBER, meaning: 'sent and not acknowledged', unit: 'segments', ...UPDATED},
  tx_queue_bytes: {
    value: NUMBER,
    meaning: 'handed to TCP and not acknowledged by the peer, as `Send-Q` of `ss`',
    unit: 'bytes',
    ...UPDATED,
  },
  rx_queue_bytes: {
    value: NUMBER,
    meaning: 'received and not read by the application, as `Recv-Q` of `ss`',
    unit: 'bytes',
    ...UPDATED,
  },
  reordered: {
    value: NUMBER,
    meaning: 'times that segments reached the peer out of order, since the connection began',
    ...UPDATED,
  },
  ended_by: {
    value: oneOf(ENDINGS),
    meaning:
      '`local` or `remote`, whose FIN came first; `local-reset`, `remote-reset` or `timeout` if the connection did ' +
      'not end by FIN',
    on: ['close'],
    sources: PROBES,
  },
  count: {
    value: NUMBER,
    meaning: 'events dropped since the last `lost` event',
    on: ['lost'],
    required: true,
    sources: PROBES,
  },
  user: {value: NAME, meaning: 'name of `uid`, by passwd(5)', ...LOOKUP, flag: '--users'},
  args: {
    value: LONG_TEXT,
    meaning: 'command line of the process, with spaces between its arguments',
    ...LOOKUP,
    flag: '--args',
  },
  cgroup: {
    value: LONG_TEXT,
    meaning: 'cgroup of the process: its path in the unified hierarchy',
    ...CONTAINER,
  },
  container: {value: NAME, meaning: 'ID of the container, the outermost if they are nested', ...CONTAINER},
  container_path: {
    value: LONG_TEXT,
    meaning: 'IDs of nested containers, from the outermost to the innermost',
    ...CONTAINER,
  },
  container_name: {value: NAME, meaning: 'name of the container', ...CONTAINER},
  pod: {value: NAME, meaning: 'name of the Kubernetes or Podman pod', ...CONTAINER},
  pod_namespace: {value: NAME, meaning: 'namespace of the pod', ...CONTAINER},
  raddr_name: {
    value: NAME,
    meaning: 'host name of `raddr`, by DNS or hosts(5)',
    ...LOOKUP,
    flag: '--resolve',
  },
  service: {
    value: NAME,
    meaning: 'service of the port that was connected to, by services(5)',
    ...LOOKUP,
    flag: '--resolve',
  },
  peer_container: {value: NAME, meaning: 'ID of the container at the remote endpoint', ...PEER_CONTAINER},
  peer_container_name: {value: NAME, meaning: 'name of that container', ...PEER_CONTAINER},
  peer_pod: {value: NAME, meaning: 'name of the pod at the remote endpoint', ...PEER_CONTAINER},
  peer_pod_namespace: {value: NAME, meaning: 'namespace of that pod', ...PEER_CONTAINER},
} as const satisfies Record<string, FieldRow>;

export type FieldName = keyof typeof ROWS;

export interface Field extends FieldRow {
  readonly name: FieldName;
  readonly on: readonly KindName[];
  readonly sources: readonly Source[];
}

function isEmitted(field: Field): boolean {
  return field.planned !== true && KINDS.some(({name}) => field.on.includes(name));
}

/** Fields that events have today, in the order of NDJSON. */
export const FIELDS: readonly Field[] = Object.entries<FieldRow>(ROWS)
  .map(([name, row]) => ({on: CONNECTION_KINDS, sources: SOCKET_SOURCES, ...row, name: name as FieldName}))
  .filter(isEmitted);

/** Returns the fields of one kind of events, in the order of NDJSON. */
export function fieldsOf(kind: EventKind): readonly Field[] {
  return FIELDS.filter(({on}) => on.includes(kind));
}

/** Returns true if a source can fill a field. */
export function canFill(source: Source, field: FieldName): boolean {
  return FIELDS.some(({name, sources}) => name === field && sources.includes(source));
}

/** Fields that are looked up, in the order of NDJSON, where they follow all others. */
export const NAME_FIELDS: readonly (keyof Names)[] = FIELDS.filter(({lookup}) => lookup === true).map(
  ({name}) => name as keyof Names,
);
