/** The table of the fields of joined connections, in the order of NDJSON and CSV; tcptrace-join(1) comes from it. */
import {isOpen, type JoinedConnection} from '../../aggregate/join/connection.js';
import type {Side} from '../../aggregate/join/side.js';

export interface JoinedField {
  readonly name: string;
  /** One sentence, without its capital and full stop. */
  readonly meaning: string;
  readonly read: (connection: JoinedConnection) => string | number | undefined;
}

type Reader = JoinedField['read'];

const field = (name: string, meaning: string, read: Reader): JoinedField => ({name, meaning, read});

/** Returns `failed`, `open` if a socket was not closed yet, else `closed`. */
export function stateOf(connection: JoinedConnection): 'failed' | 'open' | 'closed' {
  if (connection.opener?.first.event === 'fail') return 'failed';
  return isOpen(connection) ? 'open' : 'closed';
}

export function latencyOf({opener}: JoinedConnection): number | undefined {
  const first = opener?.first;
  return first?.event === 'connect' || first?.event === 'fail' ? first.latency_us : undefined;
}

export function durationOf({opener, acceptor}: JoinedConnection): number | undefined {
  return opener?.durationUs ?? acceptor?.durationUs;
}

const errorOf: Reader = ({opener}) => (opener?.first.event === 'fail' ? opener.first.error : undefined);

const acceptDelayOf: Reader = ({acceptor}) =>
  acceptor?.first.event === 'accept' ? acceptor.first.accept_delay_us : undefined;

const CONNECTION_FIELDS: readonly JoinedField[] = [
  field(
    'time',
    'when the connection was established or failed, by the clock of the opener; without it, of the acceptor; ' +
      'if the connection preexisted, time of the first event',
    ({opener, acceptor}) => (opener ?? acceptor)?.first.time,
  ),
  field('state', '`closed`, `failed`, or `open` if a socket had not been closed at the end', stateOf),
  field('flow', 'the flow of both sockets', ({opener, acceptor}) => opener?.flow ?? acceptor?.flow),
  field(
    'direction',
    '`unknown` if it is unknown which socket opened the connection; absent otherwise',
    ({areRolesKnown}) => (areRolesKnown ? undefined : 'unknown'),
  ),
  field('latency_us', 'from connect() to ESTABLISHED, or to the failure (microseconds)', latencyOf),
  field('accept_delay_us', 'from ESTABLISHED to the return of accept() (microseconds)', acceptDelayOf),
  field('duration_us', 'from connect to close; without the opener, from accept (microseconds)', durationOf),
  field('error', 'errno of a failed connection', errorOf),
  field(
    'ended_by',
    'whose FIN came first: `opener`, `acceptor`, or `both` if they crossed; `opener-reset`, `acceptor-reset` or ' +
      '`timeout` if the connection did not end by FIN',
    ({endedBy}) => endedBy,
  ),
];

interface SideField {
  readonly name: string;
  readonly meaning: string;
  readonly read: (side: Side) => string | number | undefined;
}

const SIDE_FIELDS: readonly SideField[] = [
  {name: 'host', meaning: 'name of the host, or of its recording', read: ({host}) => host},
  {
    name: 'pid',
    meaning: 'process that opened or accepted the connection',
    read: ({first}) => first.pid,
  },
  {name: 'comm', meaning: 'name of the process', read: ({first}) => first.comm},
  {name: 'uid', meaning: 'its user', read: ({first}) => first.uid},
  {name: 'container', meaning: 'ID of its container', read: ({first}) => first.container},
  {name: 'container_name', meaning: 'name of its container', read: ({first}) => first.container_name},
  {name: 'pod', meaning: 'name of its pod', read: ({first}) => first.pod},
  {name: 'pod_namespace', meaning: 'namespace of the pod', read: ({first}) => first.pod_namespace},
  {name: 'laddr', meaning: 'local address, as this socket has it', read: ({first}) => first.laddr},
  {name: 'lport', meaning: 'local port', read: ({first}) => first.lport},
  {name: 'raddr', meaning: 'remote address, as this socket has it', read: ({first}) => first.raddr},
  {name: 'rport', meaning: 'remote port', read: ({first}) => first.rport},
  {name: 'netns', meaning: 'network namespace', read: ({first}) => first.netns},
  {name: 'inode', meaning: 'inode number of the socket', read: ({first}) => first.inode},
  {name: 'tx_bytes', meaning: 'payload sent', read: ({totals}) => totals?.tx_bytes},
  {name: 'rx_bytes', meaning: 'payload received', read: ({totals}) => totals?.rx_bytes},
  {name: 'rtt_us', meaning: 'smoothed round-trip time (microseconds)', read: ({totals}) => totals?.rtt_us},
  {name: 'retrans', meaning: 'segments retransmitted', read: ({totals}) => totals?.retrans},
];

const ROLES = ['opener', 'acceptor'] as const;

/** Every field of a joined connection. */
export const JOINED_FIELDS: readonly JoinedField[] = [
  ...CONNECTION_FIELDS,
  ...ROLES.flatMap((role) =>
    SIDE_FIELDS.map(({name, meaning, read}) =>
      field(`${role}_${name}`, `${meaning} (${role})`, (connection) => {
        const side = connection[role];
        return side === undefined ? undefined : read(side);
      }),
    ),
  ),
];
