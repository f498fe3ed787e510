/** Checks events that were read as JSON. */
import type {EventKind, LostEvent, TraceEvent} from '../event.js';
import {FIELDS, fieldsOf} from '../fields.js';
import {memoize} from '../basics/memo.js';
import {KINDS} from './kinds.js';
import {type Check, compileCheck} from './value-type.js';

const CHECKS: ReadonlyMap<string, Check> = new Map(
  FIELDS.map(({name, value}) => [name, compileCheck(value)]),
);

const REQUIRED: ReadonlyMap<unknown, readonly string[]> = new Map(
  KINDS.map(({name: kind}): [EventKind, string[]] => {
    const required = fieldsOf(kind).filter((field) => field.required === true);
    return [kind, required.map(({name}) => name)];
  }),
);

/** Own properties only, so `__proto__` has no effect. */
type Fields = Readonly<Record<string, unknown>>;

/** Returns true if a time, which matches the pattern, exists. @param seconds without fraction and zone */
const isTime = memoize((seconds: string) => !Number.isNaN(Date.parse(`${seconds}Z`)));

const SECONDS = 'YYYY-MM-DDTHH:MM:SS'.length;

/** Returns true if every required field is present and every known field has a valid value. */
function isEvent(fields: Fields): boolean {
  const required = Object.hasOwn(fields, 'event') ? REQUIRED.get(fields.event) : undefined;
  return (
    required?.every((name) => Object.hasOwn(fields, name)) === true &&
    Object.keys(fields).every((name) => CHECKS.get(name)?.(fields[name]) !== false) &&
    isTime((fields.time as string).slice(0, SECONDS))
  );
}

/** Returns the event that `watch --ndjson` wrote as `value`; undefined for anything else. */
export function parseEvent(value: unknown): TraceEvent | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Fields;
  if (!isEvent(fields)) return undefined;
  if (fields.event !== 'lost') return value as TraceEvent;
  // drop fields of connections, which have no meaning here
  return Object.fromEntries(
    fieldsOf('lost').flatMap(({name}) => (Object.hasOwn(fields, name) ? [[name, fields[name]]] : [])),
  ) as unknown as LostEvent;
}
