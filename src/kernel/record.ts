/** Helpers for decoders of `struct event`. */
import {ExitCode, TcptraceError} from '../model/errors.js';
import type {Direction, LiveNumbers} from '../model/event.js';
import {COMM_LEN, DirectionCode, EVENT_SIZE, EVENT_VERSION, Known, NumbersOffset, Offset} from './layout.js';
import {hex64, u32, u64, u8, viewWords, type Words} from './words.js';

/** Error for a record of unknown layout: BPF object, addon and TypeScript come from different builds. */
export function mixedBuild(problem: string): TcptraceError {
  return new TcptraceError(
    `mixed build: ${problem}`,
    ExitCode.FAILURE,
    'run bin/setup to rebuild everything',
  );
}

/** @throws TcptraceError if the size is not a multiple of the record size */
export function viewRecords(records: Buffer): Words {
  if (records.length % EVENT_SIZE !== 0) {
    throw mixedBuild(`a batch of ${String(records.length)} bytes, not a multiple of ${String(EVENT_SIZE)}`);
  }
  return viewWords(records);
}

/** @throws TcptraceError if the record at this offset has another version */
export function checkVersion(words: Words, at: number): void {
  const version = u8(words, at + Offset.version);
  if (version !== EVENT_VERSION) throw mixedBuild(`a record of version ${String(version)}`);
}

/** Converts 0, which stands for an unknown value, to undefined. */
export function orUndefined(value: number): number | undefined {
  return value === 0 ? undefined : value;
}

/** Maps one-byte enum values to meanings, as an array, which V8 indexes faster than an object. */
export function byCode<T>(meanings: Readonly<Record<number, T>>): readonly (T | undefined)[] {
  return Object.assign(new Array<T | undefined>(256).fill(undefined), meanings);
}

const DIRECTIONS = byCode<Direction>({[DirectionCode.OUT]: 'out', [DirectionCode.IN]: 'in'});

export function decodeDirection(words: Words, at: number): Direction {
  return DIRECTIONS[u8(words, at + Offset.direction)] ?? 'unknown';
}

/** Returns the hash that both endpoints have; undefined if it is unknown. */
export function decodeFlow(words: Words, at: number): string | undefined {
  const offset = at + Offset.flow;
  return (u32(words, offset) | u32(words, offset + 4)) === 0 ? undefined : hex64(words, offset);
}

/** Decodes a name of at most COMM_LEN bytes up to the first NUL; invalid UTF-8 becomes U+FFFD. */
export function decodeName(bytes: Buffer, offset: number): string {
  let end = offset;
  while (end < offset + COMM_LEN && bytes[end] !== 0) end++;
  return bytes.toString('utf8', offset, end);
}

/** Decodes the numbers of a live connection (`struct numbers`); unknown ones are undefined. */
export function decodeLiveNumbers(words: Words, at: number): LiveNumbers {
  const isKnown = (u8(words, at + Offset.known) & Known.NUMBERS) !== 0;
  const numbers = at + Offset.numbers;
  const number = (offset: number): number | undefined => (isKnown ? u32(words, numbers + offset) : undefined);
  const rate = isKnown ? u64(words, numbers + NumbersOffset.delivery_rate) : 0;
  return {
    rttvar_us: u32(words, at + Offset.rtt_us) === 0 ? undefined : number(NumbersOffset.rttvar_us),
    min_rtt_us: orUndefined(number(NumbersOffset.min_rtt_us) ?? 0),
    cwnd: orUndefined(number(NumbersOffset.cwnd) ?? 0),
    delivery_rate_bps: orUndefined(rate * 8),
    unacked: number(NumbersOffset.unacked),
    tx_queue_bytes: number(NumbersOffset.tx_queue),
    rx_queue_bytes: number(NumbersOffset.rx_queue),
    reordered: number(NumbersOffset.reordered),
  };
}
