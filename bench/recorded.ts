/** Builds a full batch of connects, accepts and closes, as the reader thread hands it over. */
import type {Batch} from '#dist/kernel/binding.js';
import {
  DirectionCode,
  EndedByCode,
  EVENT_SIZE,
  EVENT_VERSION,
  EventType,
  Known,
  Offset,
} from '#dist/kernel/layout.js';

/** Records in a full batch (64 KiB). */
export const EVENTS = Math.trunc((64 * 1024) / EVENT_SIZE);
const NAMES = ['curl', 'nginx', 'postgres', 'node'];

function writeRecord(records: Buffer, index: number): void {
  const view = new DataView(records.buffer, records.byteOffset + index * EVENT_SIZE, EVENT_SIZE);
  const type =
    [EventType.CONNECT, EventType.ACCEPT, EventType.CLOSE, EventType.CLOSE][index % 4] ?? EventType.FAIL;
  view.setBigUint64(Offset.inode, BigInt(100_000 + index), true);
  view.setBigUint64(Offset.elapsed_us, BigInt(153 + index * 7), true);
  view.setBigUint64(Offset.tx_bytes, BigInt(index * 1000), true);
  view.setBigUint64(Offset.rx_bytes, BigInt(12_345_678 + index), true);
  view.setUint32(Offset.time_sec, 1_795_000_037, true);
  view.setUint32(Offset.time_nsec, (index * 2_197_123) % 1_000_000_000, true);
  view.setUint32(Offset.pid, 4000 + (index % 20), true);
  view.setUint32(Offset.uid, 1000, true);
  view.setUint32(Offset.netns, 4_026_531_840, true);
  view.setUint32(Offset.rtt_us, 31 + (index % 50), true);
  records.set([127, 0, 0, 1], index * EVENT_SIZE + Offset.laddr);
  records.set([10, 0, index & 255, 9], index * EVENT_SIZE + Offset.raddr);
  records.write(NAMES[index % NAMES.length] ?? '', index * EVENT_SIZE + Offset.comm);
  view.setUint16(Offset.lport, 30_000 + index, true);
  view.setUint16(Offset.rport, 443, true);
  view.setUint8(Offset.version, EVENT_VERSION);
  view.setUint8(Offset.type, type);
  view.setUint8(Offset.family, 4);
  view.setUint8(Offset.direction, DirectionCode.OUT);
  view.setUint8(Offset.ended_by, EndedByCode.LOCAL);
  view.setUint8(Offset.known, Known.ELAPSED | Known.TOTALS);
}

export function recordBatch(): Batch {
  const records = Buffer.alloc(EVENTS * EVENT_SIZE);
  for (let index = 0; index < EVENTS; index++) writeRecord(records, index);
  return {records, lost: 0, visits: 0, utcOffsetSec: -37, utcOffsetNsec: 0};
}
