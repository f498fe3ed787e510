/** Events for tests of formats: with every field, with few fields, and arbitrary ones. */
import fc from 'fast-check';
import type {
  AcceptEvent,
  CloseEvent,
  ConnectEvent,
  FailEvent,
  LostEvent,
  Names,
  OpenEvent,
  TraceEvent,
  UpdateEvent,
} from '#dist/model/event.js';

const TIME = '2026-11-23T15:51:02.123456789Z';

const SOCKET = {
  source: 'fentry',
  host: 'web-1',
  pid: 4711,
  comm: 'curl',
  uid: 1000,
  thread: 'worker',
  family: 4,
  laddr: '10.0.0.1',
  lport: 40_000,
  raddr: '10.0.0.2',
  rport: 443,
  zone: 'veth0',
  netns: 4_026_531_840,
  inode: 123_456,
} as const;

const ESTABLISHED = {...SOCKET, flow: '0123456789abcdef'} as const;

/** Fields of the remote endpoint of an established connection. */
export const PEER = {
  peer_pid: 4712,
  peer_comm: 'nginx',
  peer_inode: 123_457,
  peer_netns: 4_026_531_841,
} as const;

export const PEER_NAMES = {
  peer_container: 'c0ffee',
  peer_container_name: 'db-1',
  peer_pod: 'db-6d4c',
  peer_pod_namespace: 'data',
} as const;

/** Fields that only some traces have, on request. */
type Requested = keyof Names | keyof typeof PEER | keyof typeof PEER_NAMES;

/** An event with all its fields, apart from those on request and what NDJSON does not have. */
type Whole<E> = E & Required<Omit<E, Requested | 'cgroup_id' | 'ifindex' | 'opener' | 'peer'>>;

/** One of each kind, with every field. */
export const CONNECT: Whole<ConnectEvent> = {
  time: TIME,
  event: 'connect',
  ...ESTABLISHED,
  direction: 'out',
  latency_us: 1234,
  syn_retrans: 0,
};
export const ACCEPT: Whole<AcceptEvent> = {
  time: TIME,
  event: 'accept',
  ...ESTABLISHED,
  direction: 'in',
  accept_delay_us: 42,
  syn_retrans: 2,
};
export const OPEN: Whole<OpenEvent> = {time: TIME, event: 'open', ...ESTABLISHED, direction: 'unknown'};
export const FAIL: Whole<FailEvent> = {
  time: TIME,
  event: 'fail',
  ...SOCKET,
  latency_us: 20,
  syn_retrans: 1,
  error: 'ECONNREFUSED',
};
export const CLOSE: Whole<CloseEvent> = {
  time: TIME,
  event: 'close',
  ...ESTABLISHED,
  direction: 'out',
  owner_pid: 42,
  owner_comm: 'parent',
  owner_uid: 0,
  duration_us: 12_345_678,
  tx_bytes: 12,
  rx_bytes: 0,
  rtt_us: 31,
  retrans: 0,
  ended_by: 'remote-reset',
};
export const UPDATE: Whole<UpdateEvent> = {
  time: TIME,
  event: 'update',
  ...ESTABLISHED,
  direction: 'in',
  tx_bytes: 1,
  rx_bytes: 2,
  rtt_us: 3,
  retrans: 4,
  state: 'close-wait',
  rttvar_us: 5,
  min_rtt_us: 6,
  cwnd: 7,
  delivery_rate_bps: 8,
  unacked: 9,
  tx_queue_bytes: 10,
  rx_queue_bytes: 11,
  reordered: 12,
};
export const LOST: Whole<LostEvent> = {time: TIME, event: 'lost', source: 'fentry', host: 'web-1', count: 17};

export const WHOLE = [
  {...CONNECT, ...PEER},
  {...ACCEPT, ...PEER},
  {...CLOSE, ...PEER},
  FAIL,
  {...OPEN, ...PEER},
  {...UPDATE, ...PEER},
  LOST,
] as const;

export const NAMES: Required<Omit<Names, keyof typeof PEER_NAMES>> = {
  user: 'www-data',
  args: 'nginx: worker process',
  cgroup: '/system.slice/nginx.service',
  container: 'a'.repeat(64),
  container_path: `${'a'.repeat(64)}/${'b'.repeat(64)}`,
  container_name: 'web-1',
  pod: 'web-6d4cf56db6-x2v8q',
  pod_namespace: 'shop',
  raddr_name: 'db.example.com',
  service: 'https',
};

/** An event with its required fields only. */
export const BARE: CloseEvent = {
  time: TIME,
  event: 'close',
  source: 'tracepoint',
  family: 6,
  raddr: '2001:db8::1',
  rport: 1,
  direction: 'unknown',
};

/** Any 16 bit units, many of them from where trouble is. */
const text = fc.oneof(
  fc.string({unit: 'binary'}),
  fc
    .array(fc.constantFrom(0, 10, 13, 0x1b, 0x22, 0x5c, 0x7f, 0x2028, 0x2029, 0xd800, 0xdfff, 0xfeff))
    .map((units) => String.fromCharCode(...units)),
);

/** Unknown is written as undefined as well as left out. */
function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, {nil: undefined});
}

const time = fc
  .date({min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true})
  .map((date) => date.toISOString().replace('Z', '456789Z'));
const source = fc.constantFrom('fentry', 'kprobe', 'tracepoint', 'proc', 'conntrack' as const);
const direction = fc.constantFrom('out', 'in', 'unknown' as const);
const port = fc.integer({min: 0, max: 65_535});
const count = maybe(fc.maxSafeNat());

const socket = {
  time,
  source,
  host: maybe(text),
  pid: count,
  comm: maybe(text),
  uid: count,
  thread: maybe(text),
  family: fc.constantFrom(4, 6 as const),
  laddr: maybe(fc.oneof(fc.ipV4(), fc.ipV6())),
  lport: maybe(port),
  raddr: fc.oneof(fc.ipV4(), fc.ipV6()),
  rport: port,
  zone: maybe(text),
  netns: count,
  inode: count,
};

const directed = {...socket, direction};

const close = {
  owner_pid: count,
  owner_comm: maybe(text),
  owner_uid: count,
  duration_us: count,
  tx_bytes: count,
  rx_bytes: count,
  rtt_us: count,
  retrans: count,
  ended_by: maybe(fc.constantFrom('local', 'remote', 'local-reset', 'remote-reset', 'timeout' as const)),
};

/** Any event at all. */
export const anyEvent: fc.Arbitrary<TraceEvent> = fc.oneof(
  fc.record({...directed, event: fc.constant('connect' as const), latency_us: count, syn_retrans: count}),
  fc.record({
    ...directed,
    event: fc.constant('accept' as const),
    accept_delay_us: count,
    syn_retrans: count,
  }),
  fc.record({...directed, event: fc.constant('open' as const)}),
  fc.record({...directed, ...close, event: fc.constant('close' as const)}),
  fc.record({
    ...socket,
    event: fc.constant('fail' as const),
    latency_us: count,
    syn_retrans: count,
    error: maybe(fc.constantFrom('ETIMEDOUT', 'errno 524')),
  }),
  fc.record({
    ...directed,
    event: fc.constant('update' as const),
    tx_bytes: count,
    rx_bytes: count,
    rtt_us: count,
    retrans: count,
    state: fc.constantFrom('established', 'fin-wait-2' as const),
    rttvar_us: count,
    min_rtt_us: count,
    cwnd: count,
    delivery_rate_bps: count,
    unacked: count,
    tx_queue_bytes: count,
    rx_queue_bytes: count,
    reordered: count,
  }),
  fc.record({time, source, event: fc.constant('lost' as const), count: fc.maxSafeNat()}),
);
