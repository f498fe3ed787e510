/** Parses flag values. The parsers throw a usage error if the text is invalid. */
import {checkGlob} from '../../../filter/glob.js';
import {usageError} from '../../../model/errors.js';
import {MAX_CONNECTIONS} from '../../../kernel/layout.js';
import {MAX_PID, MAX_PORT, MAX_UINT32} from '../../../model/limits.js';
import {quote} from '../../../model/basics/quote.js';

export function invalidValue(text: string, hint: string): Error {
  return usageError(`invalid value ${quote(text)}`, hint);
}

function parseInteger(text: string, what: string, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= 1 && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? 'of at least 1' : `from 1 to ${String(max)}`;
  throw invalidValue(text, `use ${what} ${range}`);
}

export function parsePid(text: string): number {
  return parseInteger(text, 'a process id', MAX_PID);
}

function parsePort(text: string): number {
  return parseInteger(text, 'a port', MAX_PORT);
}

/**
 * Parses a port, a range such as 8000-8100, or the name of a service.
 *
 * @param findService returns the port of a service
 */
export function parsePortRange(
  text: string,
  findService: (name: string) => number | undefined,
): readonly [number, number] {
  const [, from = text, to = from] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  const service = /^[a-z]/i.test(text) ? findService(text) : undefined;
  if (service !== undefined) return [service, service];
  const [first, last] = [parsePort(from), parsePort(to)];
  if (first > last) throw invalidValue(text, 'put the smaller port first');
  return [first, last];
}

export function parseProcessName(text: string): string {
  if (text === '') throw invalidValue(text, 'use the name of a process, in which * matches any text');
  return checkGlob(text);
}

/** Parses a user id; 2^32 - 1 is INVALID_UID (include/linux/uidgid.h). */
export function parseUid(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value < MAX_UINT32)) throw invalidValue(text, 'use a user id, or --user for a name');
  return value;
}

export function parseCount(text: string): number {
  return parseInteger(text, 'a whole number', Number.MAX_SAFE_INTEGER);
}

export function parseMaxConnections(text: string): number {
  return parseInteger(text, 'a number', MAX_CONNECTIONS);
}

export function parseDescriptor(text: string): number {
  return parseInteger(text, 'a file descriptor', 65_535);
}

export function parseSpeed(text: string): number {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value > 0 && value <= 1e6) return value;
  throw invalidValue(text, 'use 1 for the original speed, 10 for ten times as fast; the maximum is 1000000');
}

/** Parses the path of an input file. */
export function parseFile(text: string): string {
  if (text === '') throw invalidValue(text, 'use the path of a file');
  return text;
}

/** Parses the path of an output file; rejects `-`, which would create a file of that name. */
export function parseNewFile(text: string): string {
  if (text === '-')
    throw invalidValue(text, 'use the path of a file; without the flag, output goes to stdout');
  return parseFile(text);
}
