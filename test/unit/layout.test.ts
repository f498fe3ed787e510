import assert from 'node:assert/strict';
import {endianness} from 'node:os';
import {
  COMM_LEN,
  EVENT_SIZE,
  EVENT_VERSION,
  EndedByCode,
  EventType,
  Known,
  Offset,
} from '#dist/kernel/layout.js';
import {FULL, record} from './record.js';

const BYTES = ['laddr', 'raddr', 'comm', 'thread', 'owner_comm', 'owner_thread'];

/** The integer at an offset that has so many bytes. */
function read(bytes: Buffer, offset: number, length: number): number {
  const digits = Buffer.from(bytes.subarray(offset, offset + length));
  return Number(`0x${(endianness() === 'LE' ? digits.reverse() : digits).toString('hex')}`);
}

describe('layout', () => {
  const fields = {
    ...FULL,
    version: EVENT_VERSION,
    type: 3,
    family: 6,
    state: 7,
    for_peers: 1,
    reserved: 0x0102,
  };
  const bytes = record(fields);

  it('has the size of the record', () => {
    assert.equal(bytes.length, EVENT_SIZE);
  });

  it('has the offset of each field and covers all bytes', () => {
    // an update has numbers in place of the owner's cgroup and names, a listing other data in place of the thread
    const {numbers, listed, syn_retrans, ...offsets} = Offset;
    assert.deepEqual([numbers, listed], [offsets.owner_cgroup, offsets.thread]);
    // other events count SYNs there
    assert.equal(syn_retrans, offsets.retrans);
    const ends = Object.entries(offsets).sort(([, a], [, b]) => a - b);
    assert.deepEqual(new Set(Object.keys(offsets)), new Set(Object.keys(fields)));
    for (const [index, [name, offset]] of ends.entries()) {
      const end = ends[index + 1]?.[1] ?? EVENT_SIZE;
      const expected = fields[name as keyof typeof fields];
      if (BYTES.includes(name)) {
        assert.equal(end - offset, COMM_LEN, name);
        const start = bytes.subarray(offset, offset + (expected as Uint8Array).length);
        assert.deepEqual(start, Buffer.from(expected as Uint8Array), name);
      } else {
        assert.equal(read(bytes, offset, end - offset), expected, name);
      }
    }
  });

  it('has the enum values of bpf/event.h', () => {
    assert.deepEqual(
      {...EventType},
      {CONNECT: 1, ACCEPT: 2, CLOSE: 3, FAIL: 4, OPEN: 5, CGROUP: 6, UPDATE: 7},
    );
    assert.deepEqual(
      {...EndedByCode},
      {UNKNOWN: 0, LOCAL: 1, REMOTE: 2, LOCAL_RESET: 3, REMOTE_RESET: 4, TIMEOUT: 5},
    );
    assert.deepEqual({...Known}, {ELAPSED: 1, TOTALS: 2, SYN_RETRANS: 4, NUMBERS: 8});
  });
});
