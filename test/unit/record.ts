/** Writes `struct event` of bpf/event.h field by field, independently of src/kernel/layout.ts. */
import {endianness} from 'node:os';
import type {Batch} from '#dist/kernel/binding.js';

const INTEGERS_BEFORE = [
  ['inode', 8],
  ['elapsed_us', 8],
  ['tx_bytes', 8],
  ['rx_bytes', 8],
  ['cgroup', 8],
  ['flow', 8],
  ['owner_cgroup', 8],
] as const;

const OWNER_BYTES = ['owner_comm', 'owner_thread'] as const;

const INTEGERS_BETWEEN = [
  ['time_sec', 4],
  ['time_nsec', 4],
  ['pid', 4],
  ['uid', 4],
  ['owner_pid', 4],
  ['owner_uid', 4],
  ['netns', 4],
  ['rtt_us', 4],
  ['retrans', 4],
  ['ifindex', 4],
] as const;

const BYTES = ['laddr', 'raddr', 'comm', 'thread'] as const;

const INTEGERS_BEHIND = [
  ['lport', 2],
  ['rport', 2],
  ['error', 2],
  ['version', 1],
  ['type', 1],
  ['family', 1],
  ['direction', 1],
  ['ended_by', 1],
  ['known', 1],
  ['state', 1],
  ['for_peers', 1],
  ['reserved', 2],
] as const;

type IntegerName =
  | (typeof INTEGERS_BEFORE)[number][0]
  | (typeof INTEGERS_BETWEEN)[number][0]
  | (typeof INTEGERS_BEHIND)[number][0];

export type RecordFields = Partial<
  Record<IntegerName, number> & Record<(typeof OWNER_BYTES)[number] | (typeof BYTES)[number], Uint8Array>
>;

/** Values of bpf/event.h. */
export const TYPE = {connect: 1, accept: 2, close: 3, fail: 4, open: 5, update: 7} as const;
export const OUT = 1;
export const IN = 2;
export const ELAPSED = 1;
export const TOTALS = 2;
export const SYN_RETRANS = 4;
export const NUMBERS = 8;

function integer(value: number, bytes: number): Buffer {
  const digits = Buffer.from(
    BigInt(value)
      .toString(16)
      .padStart(bytes * 2, '0'),
    'hex',
  );
  return endianness() === 'LE' ? digits.reverse() : digits;
}

function sixteenBytes(value: Uint8Array = new Uint8Array()): Buffer {
  return Buffer.concat([value], 16);
}

/** Builds a record; unnamed fields are 0. */
export function record(fields: RecordFields): Buffer {
  const all: RecordFields = {version: 7, family: 4, ...fields};
  return Buffer.concat([
    ...INTEGERS_BEFORE.map(([name, bytes]) => integer(all[name] ?? 0, bytes)),
    ...OWNER_BYTES.map((name) => sixteenBytes(all[name])),
    ...INTEGERS_BETWEEN.map(([name, bytes]) => integer(all[name] ?? 0, bytes)),
    ...BYTES.map((name) => sixteenBytes(all[name])),
    ...INTEGERS_BEHIND.map(([name, bytes]) => integer(all[name] ?? 0, bytes)),
  ]);
}

/** A record in which every field has a unique value. */
export const FULL: RecordFields = {
  inode: 0x1_2345_6789,
  elapsed_us: 0x2_0000_0001,
  tx_bytes: 0x3_0000_0002,
  rx_bytes: 0x4_0000_0003,
  cgroup: 0x5_0000_0004,
  owner_cgroup: 0x6_0000_0005,
  flow: 0x7_0000_0006,
  time_sec: 1_795_449_062,
  time_nsec: 123_456_789,
  pid: 4_000_001,
  uid: 4_294_967_294,
  owner_pid: 4_000_002,
  owner_uid: 4_294_967_293,
  netns: 4_026_531_840,
  rtt_us: 4_000_000_003,
  retrans: 4_000_000_004,
  ifindex: 4_000_000_005,
  laddr: Uint8Array.of(10, 1, 2, 3),
  raddr: Uint8Array.of(192, 168, 255, 0),
  comm: Buffer.from('curl'),
  thread: Buffer.from('worker'),
  owner_comm: Buffer.from('fifteen letters'),
  owner_thread: Buffer.from('opener'),
  lport: 65_535,
  rport: 443,
  error: 111,
  direction: OUT,
  ended_by: 4,
  known: ELAPSED | TOTALS | SYN_RETRANS,
};

export function batch(records: Buffer, offset: Partial<Batch> = {}): Batch {
  return {records, lost: 0, visits: 0, utcOffsetSec: 0, utcOffsetNsec: 0, ...offset};
}
