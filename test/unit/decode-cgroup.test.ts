import assert from 'node:assert/strict';
import {createDecoder} from '#dist/kernel/decode.js';
import {createCgroupReader} from '#dist/kernel/decode-cgroup.js';
import type {KnownCgroup} from '#dist/kernel/known-cgroups.js';
import {CGROUP_TEXT, EventType, Offset} from '#dist/kernel/layout.js';
import {batch, record, TYPE} from './record.js';

/** Bytes of text in a full part (bpf/new_cgroup.h). */
const FULL = CGROUP_TEXT - 1;

/** A record as bpf/new_cgroup.h writes it. */
function part(id: number, path: Buffer, offset: number): Buffer {
  const bytes = record({type: EventType.CGROUP});
  bytes.fill(0, 0, Offset.version);
  bytes.writeUInt32LE(id, 0);
  bytes.writeUInt32LE(1000, 8);
  bytes.writeUInt32LE(offset, 12);
  path.subarray(offset, offset + FULL).copy(bytes, 16);
  return bytes;
}

function parts(id: number, path: string): readonly Buffer[] {
  const bytes = Buffer.from(path);
  const count = Math.floor(bytes.length / FULL) + 1;
  return Array.from({length: count}, (_, index) => part(id, bytes, index * FULL));
}

function read(records: readonly Buffer[]): Map<number, KnownCgroup> {
  const found = new Map<number, KnownCgroup>();
  const decode = createDecoder('fentry', {
    readCgroup: createCgroupReader((id, cgroup) => found.set(id, cgroup)),
  });
  const events = decode(batch(Buffer.concat(records)));
  assert.equal(events.length, records.filter((bytes) => bytes[Offset.type] !== EventType.CGROUP).length);
  return found;
}

describe('records of new cgroups', () => {
  const lengths = [1, FULL - 1, FULL, FULL + 1, 2 * FULL, 1000];
  const paths = lengths.map((length) => `/${'a'.repeat(length - 1)}`);

  it('paths of any length, among events', () => {
    const records = [...paths.flatMap((path, id) => parts(id, path)), record({type: TYPE.connect})];
    const expected = new Map(paths.map((path, id) => [id, {path, uid: 1000}]));
    assert.deepEqual(read(records), expected);
  });

  it('parts of several paths, mixed', () => {
    const [one, two] = [parts(1, `/${'a'.repeat(400)}`), parts(2, `/${'\u00e9'.repeat(200)}`)];
    const found = read(one.flatMap((bytes, index) => [bytes, ...two.slice(index, index + 1)]));
    assert.deepEqual(
      [...found.values()].map(({path}) => path),
      [`/${'a'.repeat(400)}`, `/${'\u00e9'.repeat(200)}`],
    );
  });

  it('a lost part: no path', () => {
    const records = parts(1, `/${'a'.repeat(600)}`);
    for (const lost of records.keys())
      assert.equal(read(records.filter((_, index) => index !== lost)).size, 0);
  });
});
