/** Recordings for tests of the page. */
import {ACCEPT, CLOSE, CONNECT, FAIL} from '../unit/events.js';

/** Names that are markup, or change the direction of text. */
export const HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>\u202etxt.exe';

const START_MS = Date.parse('2026-11-29T10:00:00Z');

function timeAt(seconds: number): string {
  return new Date(START_MS + seconds * 1000).toISOString();
}

export interface Party {
  readonly comm: string;
  readonly pid: number;
  readonly container?: string;
  readonly pod?: string;
}

function describeParty({comm, pid, container, pod}: Party) {
  return {
    ...{host: 'web-1', comm, pid, thread: undefined, zone: undefined},
    ...(container !== undefined && {container: `${container}0123456789`, container_name: container}),
    ...(pod !== undefined && {pod, pod_namespace: 'shop'}),
  };
}

/** Returns the events of a connection. @param from second in which it begins, as `to` for its end */
export function connection(
  index: number,
  opener: Party,
  acceptor: Party,
  from: number,
  to: number,
): object[] {
  const [local, remote] = [20_000 + (index % 40_000), 80];
  const flow = index.toString(16).padStart(16, '0');
  const client = {
    ...describeParty(opener),
    ...{flow, inode: 1_000_000 + 2 * index, direction: 'out', laddr: '10.0.0.1', lport: local},
    ...{raddr: '10.0.0.2', rport: remote},
  };
  const server = {
    ...describeParty(acceptor),
    ...{flow, inode: 1_000_001 + 2 * index, direction: 'in', laddr: '10.0.0.2', lport: remote},
    ...{raddr: '10.0.0.1', rport: local},
  };
  const end = {...CLOSE, time: timeAt(to), owner_pid: undefined, owner_comm: undefined, owner_uid: undefined};
  return [
    {...CONNECT, ...client, time: timeAt(from)},
    {...ACCEPT, ...server, time: timeAt(from)},
    {...end, ...client, tx_bytes: 1000, rx_bytes: 2000},
    {...end, ...server, tx_bytes: 2000, rx_bytes: 1000},
  ];
}

export function failure(index: number, opener: Party, raddr: string, at: number): object {
  const place = {laddr: '10.0.0.1', lport: 20_000, raddr, rport: 5432};
  return {...FAIL, ...describeParty(opener), ...place, inode: 500_000 + index, time: timeAt(at)};
}

export function toNdjson(events: readonly object[]): string {
  const byTime = (events as readonly {readonly time: string}[]).toSorted((a, b) =>
    a.time.localeCompare(b.time),
  );
  return byTime.map((event) => `${JSON.stringify(event)}\n`).join('');
}

/** A shop: three containers in two pods, a failing database outside, and a process with a hostile name. */
export function createShop(): string {
  const curl = {comm: 'curl', pid: 1};
  const nginx = {comm: 'nginx', pid: 2, container: 'web', pod: 'front'};
  const api = {comm: 'node', pid: 3, container: 'api', pod: 'front'};
  const redis = {comm: 'redis', pid: 4, container: 'cache', pod: 'back'};
  const hostile = {comm: HOSTILE, pid: 5, container: HOSTILE, pod: HOSTILE};
  return toNdjson([
    ...connection(1, curl, nginx, 0, 1),
    ...connection(2, nginx, api, 5, 6),
    ...connection(3, api, redis, 10, 40),
    ...connection(4, hostile, redis, 50, 51),
    failure(5, api, '192.0.2.5', 30),
  ]);
}

/** Names that could end an element, a section, a string or a label, or change the color or direction of text. */
export const HOSTILE_NAMES: readonly string[] = [
  '<script>alert(1)</script>',
  ']]></style></svg><script>alert(2)</script>',
  `"'\`--><!--&amp;&#x41;`,
  '\u001b[31mred\u001b[0m\u0007',
  '\u202etxt.exe\u2066',
  '\\n\\l\\N|{a}<b>',
  '${alert(3)}',
  'x'.repeat(200),
];

/** Processes, containers and pods with hostile names, which all connect to nginx. */
export function createHostile(): string {
  const nginx = {comm: 'nginx', pid: 2};
  const all = HOSTILE_NAMES.map((name, index) => ({
    comm: name,
    pid: 100 + index,
    container: name,
    pod: name,
  }));
  return toNdjson(all.flatMap((party, index) => connection(index, party, nginx, index, index + 1)));
}

/** @returns a recording whose map has so many nodes and edges */
export function createLarge(nodes: number, edges: number): string {
  const party = (index: number): Party => ({
    comm: `program-${String(index)}`,
    pid: 1000 + index,
    ...(index % 4 === 0 && {container: `container-${String(index % 160)}`}),
  });
  // clusters around every 20th node, and the rest at random places, the same in each run
  const all = Array.from({length: edges}, (_, index) => {
    const from = index < nodes ? index : (index * 7919) % nodes;
    const hub = Math.floor(from / 20) * 20;
    const to =
      index < nodes && from !== hub ? hub : (index * 104_729 + 17 * Math.floor(index / nodes)) % nodes;
    return connection(index, party(from), party(to === from ? (to + 1) % nodes : to), index % 100, 100);
  });
  return toNdjson(all.flat());
}
