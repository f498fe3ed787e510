/** Formatting of addresses, names and times in records. */
import assert from 'node:assert/strict';
import {isIPv4, isIPv6} from 'node:net';
import fc from 'fast-check';
import {createDecoder} from '#dist/kernel/decode.js';
import {batch, record, type RecordFields, TYPE} from './record.js';

// shared by all tests, to check that its cache mixes nothing up
const decode = createDecoder('tracepoint');

function decodeOne(fields: RecordFields, offset = {}) {
  const [event] = decode(batch(record({type: TYPE.close, ...fields}), offset));
  assert.ok(event?.event === 'close');
  return event;
}

/** Zero groups are common in addresses. */
const group = fc.oneof(fc.constant(0), fc.integer({min: 0, max: 0xffff}), fc.integer({min: 0, max: 15}));
const groups = fc.array(group, {minLength: 8, maxLength: 8});

function bytesOf(words: readonly number[]): Uint8Array {
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
}

describe('addresses', () => {
  it('IPv4: dotted quads', () => {
    const quad = fc.uint8Array({minLength: 4, maxLength: 4});
    fc.assert(
      fc.property(quad, quad, (laddr, raddr) => {
        const event = decodeOne({laddr, raddr});
        assert.equal(event.raddr, raddr.join('.'));
        assert.equal(event.laddr, laddr.every((byte) => byte === 0) ? undefined : laddr.join('.'));
        assert.ok(isIPv4(event.raddr));
        assert.equal(event.family, 4);
      }),
    );
  });

  it('IPv6: like new URL()', () => {
    fc.assert(
      fc.property(groups, groups, (local, remote) => {
        const event = decodeOne({family: 6, laddr: bytesOf(local), raddr: bytesOf(remote)});
        const canonical = (words: readonly number[]): string =>
          new URL(`http://[${words.map((word) => word.toString(16)).join(':')}]/`).hostname.slice(1, -1);
        assert.equal(event.raddr, canonical(remote));
        assert.equal(event.laddr, local.every((word) => word === 0) ? undefined : canonical(local));
        assert.ok(isIPv6(event.raddr));
        assert.equal(event.family, 6);
      }),
      {numRuns: 2000},
    );
  });

  it('IPv6: the cases of RFC 5952', () => {
    const cases: Record<string, readonly number[]> = {
      '::': [0, 0, 0, 0, 0, 0, 0, 0],
      '::1': [0, 0, 0, 0, 0, 0, 0, 1],
      '1::': [1, 0, 0, 0, 0, 0, 0, 0],
      '2001:db8::1': [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1],
      '2001:db8:0:1:1:1:1:1': [0x2001, 0xdb8, 0, 1, 1, 1, 1, 1],
      '2001:db8::1:0:0:1': [0x2001, 0xdb8, 0, 0, 1, 0, 0, 1],
      '2001:0:0:1::1': [0x2001, 0, 0, 1, 0, 0, 0, 1],
      'fe80::abcd:ef01:2345:6789': [0xfe80, 0, 0, 0, 0xabcd, 0xef01, 0x2345, 0x6789],
      '1:2:3:4:5:6:7:8': [1, 2, 3, 4, 5, 6, 7, 8],
    };
    for (const [text, words] of Object.entries(cases)) {
      assert.equal(decodeOne({family: 6, raddr: bytesOf(words)}).raddr, text);
    }
  });

  it('the same four bytes differ in IPv4 and IPv6', () => {
    const raddr = Uint8Array.of(1, 2, 3, 4);
    assert.equal(decodeOne({raddr}).raddr, '1.2.3.4');
    assert.equal(decodeOne({family: 6, raddr}).raddr, '102:304::');
    assert.equal(decodeOne({raddr}).raddr, '1.2.3.4');
  });

  it('more addresses than the cache holds', () => {
    for (let i = 0; i < 10_000; i++) {
      const raddr = Uint8Array.of(10, i >> 16, (i >> 8) & 255, i & 255);
      assert.equal(decodeOne({raddr}).raddr, raddr.join('.'));
    }
  });
});

describe('names', () => {
  it('are decoded up to the first NUL', () => {
    const cases: [string | Uint8Array, string][] = [
      ['curl', 'curl'],
      ['', ''],
      ['sixteen letters!', 'sixteen letters!'],
      ['a\0left over', 'a'],
      ['say "hi"\\\n\t\x1b[2J', 'say "hi"\\\n\t\x1b[2J'],
      ['naïve 漢字', 'naïve 漢字'],
      [Uint8Array.of(0x61, 0xff, 0xfe, 0x62), 'a\ufffd\ufffdb'],
      [Uint8Array.of(0x61, 0xe6, 0xbc), 'a\ufffd'],
      [Uint8Array.of(0xed, 0xa0, 0x80), '\ufffd\ufffd\ufffd'],
    ];
    for (const [name, text] of cases) {
      const bytes = Buffer.from(name as string);
      const {comm, owner_comm} = decodeOne({pid: 1, comm: bytes, owner_pid: 2, owner_comm: bytes});
      assert.deepEqual([comm, owner_comm], [text, text]);
    }
  });

  it('are not mixed up by the cache', () => {
    const name = fc.uint8Array({minLength: 16, maxLength: 16, min: 1});
    fc.assert(
      fc.property(fc.array(name, {minLength: 20, maxLength: 50}), (names) => {
        const records = names.map((comm) => record({type: TYPE.open, pid: 1, comm}));
        const seen = decode(batch(Buffer.concat(records))).map(({comm}) => comm);
        assert.deepEqual(
          seen,
          names.map((bytes) => new TextDecoder('utf-8', {ignoreBOM: true}).decode(bytes)),
        );
      }),
    );
  });
});

describe('times', () => {
  const nanoseconds = fc.integer({min: 0, max: 999_999_999});

  it('are the sum of record and offset, with carry', () => {
    const seconds = fc.integer({min: 2 ** 31, max: 2 ** 32 - 1});
    const offset = fc.integer({min: -(2 ** 31), max: 2 ** 31});
    fc.assert(
      fc.property(seconds, nanoseconds, offset, nanoseconds, (sec, nsec, utcOffsetSec, utcOffsetNsec) => {
        const {time} = decodeOne({time_sec: sec, time_nsec: nsec}, {utcOffsetSec, utcOffsetNsec});
        const total = BigInt(sec + utcOffsetSec) * 1_000_000_000n + BigInt(nsec + utcOffsetNsec);
        const date = new Date(Number(total / 1_000_000n)).toISOString();
        assert.equal(time, `${date.slice(0, -1)}${String(total % 1_000_000n).padStart(6, '0')}Z`);
      }),
      {numRuns: 1000},
    );
  });

  it('subtract 37 s for TAI, and handle negative offsets below a second', () => {
    const cases: [number, number, number, number, string][] = [
      [1_795_449_099, 0, -37, 0, '2026-11-23T15:51:02.000000000Z'],
      [1_795_449_099, 999_999_999, -37, 1, '2026-11-23T15:51:03.000000000Z'],
      [1_795_449_099, 999_999_999, -37, 999_999_999, '2026-11-23T15:51:03.999999998Z'],
      [1_795_449_099, 0, -38, 999_999_999, '2026-11-23T15:51:01.999999999Z'],
      [1_795_449_099, 1, -38, 999_999_999, '2026-11-23T15:51:02.000000000Z'],
      [5, 7, 1_795_449_057, 2, '2026-11-23T15:51:02.000000009Z'],
    ];
    for (const [time_sec, time_nsec, utcOffsetSec, utcOffsetNsec, wanted] of cases) {
      assert.equal(decodeOne({time_sec, time_nsec}, {utcOffsetSec, utcOffsetNsec}).time, wanted);
    }
  });
});
