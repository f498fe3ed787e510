/** Values of flags: text in, value out, or a usage error. */
import {usageError} from '../model/errors.js';
import {EVENT_KINDS, type EventKind} from '../model/event.js';

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

export function parsePort(text: string): number {
  return parseInteger(text, 'a port', MAX_PORT);
}

export function parseCount(text: string): number {
  return parseInteger(text, 'a count', Number.MAX_SAFE_INTEGER);
}

export function parseMaxConnections(text: string): number {
  return parseInteger(text, 'a number of connections', MAX_CONNECTIONS);
}

export function parseEventKind(text: string): EventKind {
  const kind = EVENT_KINDS.find((known) => known === text);
  if (kind === undefined)
    throw usageError(`not an event: ${JSON.stringify(text)}`, `write ${EVENT_KINDS.join(', ')}`);
  return kind;
}
