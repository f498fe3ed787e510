/** Values of flags: text in, value out, or a usage error. */
import {usageError} from '../../model/errors.js';
import {EVENT_KINDS, type EventKind} from '../../model/event.js';
import {COLUMN_NAMES, type ColumnName} from '../../format/columns.js';

/** Bounds of the kernel: PID_MAX_LIMIT, 16 bits, and what the addon takes for its map. */
const MAX_PID = 4_194_304;
const MAX_PORT = 65_535;
const MAX_CONNECTIONS = 2 ** 26;

function parseInteger(text: string, what: string, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= 1 && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? 'of at least 1' : `from 1 to ${String(max)}`;
  throw usageError(`not ${what}: ${JSON.stringify(text)}`, `write a whole number ${range}`);
}

export function parsePid(text: string): number {
  return parseInteger(text, 'a process id', MAX_PID);
}

function parsePort(text: string): number {
  return parseInteger(text, 'a port', MAX_PORT);
}

/** A port, or a range such as 8000-8100. */
export function parsePortRange(text: string): readonly [number, number] {
  const [, from = text, to = from] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  const [first, last] = [parsePort(from), parsePort(to)];
  if (first > last) throw usageError(`not a range: ${JSON.stringify(text)}`, 'write the smaller port first');
  return [first, last];
}

/** Any text but none. */
export function parseComm(text: string): string {
  if (text === '') throw usageError('not a name: ""', 'write that of a thread, in which * is any text');
  return text;
}

/** The highest is no user (include/linux/uidgid.h). */
export function parseUid(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value < 2 ** 32 - 1))
    throw usageError(`not a user id: ${JSON.stringify(text)}`, 'write a whole number');
  return value;
}

export function parseCount(text: string): number {
  return parseInteger(text, 'a count', Number.MAX_SAFE_INTEGER);
}

export function parseMaxConnections(text: string): number {
  return parseInteger(text, 'a number of connections', MAX_CONNECTIONS);
}

export function parseSpeed(text: string): number {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value > 0 && value <= 1e6) return value;
  throw usageError(
    `not a speed: ${JSON.stringify(text)}`,
    'write 1 for as it happened, 10 for ten times faster, 1000000 at most',
  );
}

export function parseEventKind(text: string): EventKind {
  const kind = EVENT_KINDS.find((known) => known === text);
  if (kind === undefined)
    throw usageError(`not an event: ${JSON.stringify(text)}`, `write ${EVENT_KINDS.join(', ')}`);
  return kind;
}

export function parseFile(text: string): string {
  if (text === '') throw usageError('not a file: ""', 'write its path');
  return text;
}

/** Of what is written. @param hint what to do instead of writing `-`, which would make a file of that name */
export function parseNewFile(text: string, hint = 'write its path'): string {
  if (text === '-') throw usageError('not a file: "-"', hint);
  return parseFile(text);
}

export function parseColumn(text: string): ColumnName {
  const name = COLUMN_NAMES.find((column) => column === text.toLowerCase());
  if (name === undefined)
    throw usageError(`not a column: ${JSON.stringify(text)}`, `write ${COLUMN_NAMES.join(', ')}`);
  return name;
}
