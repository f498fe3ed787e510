/**
 * Events per second of decoding and formatting, on recorded batches, one core. Usage: npm run bench:pipeline
 * The last rows are what the generic ways of writing JSON would do.
 */
import {finished} from 'node:stream/promises';
import ndjson from 'ndjson';
import {Bench} from 'tinybench';
import {createDecoder} from '#dist/kernel/decode.js';
import {
  DirectionCode,
  EndedByCode,
  EVENT_SIZE,
  EVENT_VERSION,
  EventType,
  Known,
  Offset,
} from '#dist/kernel/layout.js';
import {formatNdjson} from '#dist/sinks/ndjson.js';

/** As many as one hand-over from the reader thread holds. */
const EVENTS = Math.trunc((64 * 1024) / EVENT_SIZE);
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

const records = Buffer.alloc(EVENTS * EVENT_SIZE);
for (let index = 0; index < EVENTS; index++) writeRecord(records, index);
const batch = {records, lost: 0, utcOffsetSec: -37, utcOffsetNsec: 0};

const decode = createDecoder('tracepoint');
const events = decode(batch);
const output = Buffer.alloc(1 << 20);
const bench = new Bench({time: 2000, warmupTime: 500});

/** Until the bytes are there, which is when V8 puts the pieces of a string together. */
function toBytes(format: (event: (typeof events)[number]) => string, list = events): void {
  let text = '';
  for (const event of list) text += format(event);
  output.write(text);
}

bench
  .add('decode', () => {
    decode(batch);
  })
  .add('NDJSON', () => {
    toBytes(formatNdjson);
  })
  .add('decode + NDJSON', () => {
    toBytes(formatNdjson, decode(batch));
  })
  .add('JSON.stringify', () => {
    toBytes((event) => `${JSON.stringify(event)}\n`);
  })
  .add('ndjson.stringify', async () => {
    const stringify = ndjson.stringify();
    stringify.resume();
    for (const event of events) stringify.write(event);
    await finished(stringify.end());
  });

await bench.run();
for (const {name, result} of bench.tasks) {
  if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`);
  const perSecond = (1000 / result.latency.p50) * EVENTS;
  console.log(`${name.padEnd(18)} ${(perSecond / 1e6).toFixed(2).padStart(6)} M events/s`);
}
