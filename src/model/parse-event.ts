/** Values that were read as JSON -> events. */
import {DIRECTIONS, EVENT_KINDS, SOURCES, type TraceEvent} from './event.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isPort: Check = (value) => isNumber(value) && (value as number) <= 0xffff;
/** Nothing that a terminal would take for more than an address. */
const isAddress: Check = (value) => typeof value === 'string' && /^[\da-f:.]{2,45}$/i.test(value);

function isOneOf(values: readonly string[]): Check {
  return (value) => values.some((it) => it === value);
}

/** Fields of connections; what is not named here is taken as it is. */
const FIELDS: Readonly<Record<string, Check>> = {
  pid: isNumber,
  comm: isText,
  uid: isNumber,
  laddr: isAddress,
  lport: isPort,
  netns: isNumber,
  inode: isNumber,
  direction: isOneOf(DIRECTIONS),
  latency_us: isNumber,
  duration_us: isNumber,
  owner_pid: isNumber,
  owner_comm: isText,
  error: isText,
  user: isText,
  args: isText,
  cgroup: isText,
  container: isText,
  container_name: isText,
  pod: isText,
  pod_namespace: isText,
  raddr_name: isText,
  service: isText,
};

function isConnection(fields: ReadonlyMap<string, unknown>): boolean {
  const family = fields.get('family');
  return (
    (family === 4 || family === 6) &&
    isAddress(fields.get('raddr')) &&
    isPort(fields.get('rport')) &&
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
  const isWhole = fields.get('event') === 'lost' ? isNumber(fields.get('count')) : isConnection(fields);
  return isWhole ? (value as TraceEvent) : undefined;
}
