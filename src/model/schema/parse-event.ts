/** Checks events that were read as JSON. */
import type {EventKind, LostEvent, TraceEvent} from '../event.js';
import {FIELDS, fieldsOf} from '../fields.js';
import {KINDS} from './kinds.js';
import {type Check, compileCheck} from './value-type.js';

type Fields = ReadonlyMap<string, unknown>;

const CHECKS: readonly (readonly [string, Check])[] = FIELDS.map(({name, value}) => [
  name,
  compileCheck(value),
]);

const REQUIRED: ReadonlyMap<unknown, readonly string[]> = new Map(
  KINDS.map(({name: kind}): [EventKind, string[]] => {
    const required = fieldsOf(kind).filter((field) => field.required === true);
    return [kind, required.map(({name}) => name)];
  }),
);

/** Returns true if every required field is present and every known field has a valid value. */
function isEvent(fields: Fields): boolean {
  const required = REQUIRED.get(fields.get('event'));
  return (
    required !== undefined &&
    required.every((name) => fields.has(name)) &&
    CHECKS.every(([name, check]) => !fields.has(name) || check(fields.get(name))) &&
    !Number.isNaN(Date.parse(fields.get('time') as string))
  );
}

/** Returns the event that `watch --ndjson` wrote as `value`; undefined for anything else. */
export function parseEvent(value: unknown): TraceEvent | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  // own fields only, so `__proto__` has no effect
  const fields = new Map<string, unknown>(Object.entries(value));
  if (!isEvent(fields)) return undefined;
  if (fields.get('event') !== 'lost') return value as TraceEvent;
  // drop fields of connections, which have no meaning here
  return Object.fromEntries(
    fieldsOf('lost').flatMap(({name}) => (fields.has(name) ? [[name, fields.get(name)]] : [])),
  ) as unknown as LostEvent;
}
