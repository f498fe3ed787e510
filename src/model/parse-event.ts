/** Values that were read as JSON -> events. */
import {DIRECTIONS, ENDINGS, EVENT_KINDS, type LostEvent, SOURCES, type TraceEvent} from './event.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

type Check = (value: unknown) => boolean;

/** No longer than what is ever recorded of it: what comes after remembers texts by the thousand. */
function isText(maxLength: number): Check {
  return (value) => typeof value === 'string' && value.length <= maxLength;
}

/** Longest name, of whatever kind; and PATH_MAX, which is as much as is read of a command line. */
const [NAME, PATH] = [256, 4096];

const isNumber: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isPort: Check = (value) => isNumber(value) && (value as number) <= 0xffff;
/** Nothing that a terminal would take for more than an address. */
const isAddress: Check = (value) => typeof value === 'string' && /^[\da-f:.]{2,45}$/i.test(value);

/** As src/kernel/decode.ts has it, which knows no name of some. */
const isErrno: Check = (value) =>
  typeof value === 'string' && /^(?:E[A-Z\d]{1,30}|errno \d{1,10})$/.test(value);

function isOneOf(values: readonly string[]): Check {
  return (value) => values.some((it) => it === value);
}

/** Fields of connections; what is not named here is never read. */
const FIELDS: Readonly<Record<string, Check>> = {
  pid: isNumber,
  comm: isText(NAME),
  uid: isNumber,
  thread: isText(NAME),
  laddr: isAddress,
  lport: isPort,
  netns: isNumber,
  inode: isNumber,
  direction: isOneOf(DIRECTIONS),
  latency_us: isNumber,
  duration_us: isNumber,
  tx_bytes: isNumber,
  rx_bytes: isNumber,
  rtt_us: isNumber,
  retrans: isNumber,
  ended_by: isOneOf(ENDINGS),
  owner_pid: isNumber,
  owner_comm: isText(NAME),
  owner_uid: isNumber,
  error: isErrno,
  user: isText(NAME),
  args: isText(PATH),
  cgroup: isText(PATH),
  container: isText(NAME),
  container_name: isText(NAME),
  pod: isText(NAME),
  pod_namespace: isText(NAME),
  raddr_name: isText(NAME),
  service: isText(NAME),
  count: isNumber,
};

function isConnection(fields: ReadonlyMap<string, unknown>): boolean {
  const family = fields.get('family');
  return (
    (family === 4 || family === 6) &&
    isAddress(fields.get('raddr')) &&
    isPort(fields.get('rport')) &&
    (fields.has('direction') || fields.get('event') === 'fail') &&
    Object.entries(FIELDS).every(([name, check]) => !fields.has(name) || check(fields.get(name)))
  );
}

/** An event as `watch --ndjson` writes it; undefined for anything else. */
export function parseEvent(value: unknown): TraceEvent | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  // own fields only: a `__proto__` is nothing special
  const fields = new Map<string, unknown>(Object.entries(value));
  const time = fields.get('time');
  const isHappening =
    typeof time === 'string' &&
    TIME.test(time) &&
    !Number.isNaN(Date.parse(time)) &&
    isOneOf(SOURCES)(fields.get('source')) &&
    isOneOf(EVENT_KINDS)(fields.get('event'));
  if (!isHappening) return undefined;
  if (fields.get('event') !== 'lost') return isConnection(fields) ? (value as TraceEvent) : undefined;
  // of no connection: what else it may hold was not checked
  const [source, count] = [fields.get('source'), fields.get('count')];
  return isNumber(count) ? ({time, event: 'lost', source, count} as LostEvent) : undefined;
}
