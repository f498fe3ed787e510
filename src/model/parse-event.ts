/** Values that were read as JSON -> events. */
import {EVENT_KINDS, type TraceEvent} from './event.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' && value >= 0;

/** Fields of connections; what is not named here is taken as it is. */
const FIELDS: Readonly<Record<string, Check>> = {
  pid: isNumber,
  comm: isText,
  uid: isNumber,
  laddr: isText,
  lport: isNumber,
  netns: isNumber,
  inode: isNumber,
  direction: isText,
  latency_us: isNumber,
  duration_us: isNumber,
  owner_pid: isNumber,
  owner_comm: isText,
  error: isText,
};

function isConnection(fields: ReadonlyMap<string, unknown>): boolean {
  const family = fields.get('family');
  return (
    (family === 4 || family === 6) &&
    isText(fields.get('raddr')) &&
    isNumber(fields.get('rport')) &&
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
    isText(fields.get('source')) &&
    EVENT_KINDS.some((kind) => kind === fields.get('event'));
  if (!isHappening) return undefined;
  const isWhole = fields.get('event') === 'lost' ? isNumber(fields.get('count')) : isConnection(fields);
  return isWhole ? (value as TraceEvent) : undefined;
}
