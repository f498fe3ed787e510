/** What all decoders of `struct event` have in common. */
import {ExitCode, TcptraceError} from '../model/errors.js';
import type {Direction} from '../model/event.js';
import {COMM_LEN, DirectionCode, EVENT_SIZE, EVENT_VERSION, Offset} from './layout.js';
import {u8, viewWords, type Words} from './words.js';

/** A record that this decoder does not know: kernel part, addon and TypeScript come from different builds. */
export function mixedBuild(what: string): TcptraceError {
  return new TcptraceError(`mixed build: ${what}`, ExitCode.FAILURE, 'run bin/setup to build all of it anew');
}

/** @throws TcptraceError where these are not whole records */
export function viewRecords(records: Buffer): Words {
  if (records.length % EVENT_SIZE !== 0) {
    throw mixedBuild(
      `a batch of ${String(records.length)} bytes, which is no multiple of ${String(EVENT_SIZE)}`,
    );
  }
  return viewWords(records);
}

/** @throws TcptraceError where the record at this offset is of another version */
export function checkVersion(words: Words, at: number): void {
  const version = u8(words, at + Offset.version);
  if (version !== EVENT_VERSION) throw mixedBuild(`a record of version ${String(version)}`);
}

/** What the values of an enum of one byte mean; an array, which is faster than an object with numbers for keys. */
export function byCode<T>(meanings: Readonly<Record<number, T>>): readonly (T | undefined)[] {
  return Object.assign(new Array<T | undefined>(256).fill(undefined), meanings);
}

const DIRECTIONS = byCode<Direction>({[DirectionCode.OUT]: 'out', [DirectionCode.IN]: 'in'});

export function decodeDirection(words: Words, at: number): Direction {
  return DIRECTIONS[u8(words, at + Offset.direction)] ?? 'unknown';
}

/** Text of COMM_LEN bytes at most, up to the first NUL; what is no UTF-8 becomes U+FFFD. */
export function decodeName(bytes: Buffer, offset: number): string {
  let end = offset;
  while (end < offset + COMM_LEN && bytes[end] !== 0) end++;
  return bytes.toString('utf8', offset, end);
}
