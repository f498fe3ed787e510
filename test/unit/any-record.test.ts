/** Decodes and formats random records. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {createDecoder} from '#dist/kernel/decode.js';
import {EVENT_SIZE, EVENT_VERSION, Offset} from '#dist/kernel/layout.js';
import {decodeSockets} from '#dist/kernel/decode-sockets.js';
import {formatLines} from '#dist/format/reports/report.js';
import {reportSockets} from '#dist/format/reports/sockets.js';
import {runs} from '../helpers/runs.js';
import {assertPrintable, UNPRINTABLE} from './printable.js';
import {batch} from './record.js';
import {tableOf} from './report-text.js';

/** Most have a valid version and type, so that the decoder reads the rest. */
const anyRecord = fc
  .tuple(
    fc.uint8Array({minLength: EVENT_SIZE, maxLength: EVENT_SIZE}),
    fc.constantFrom(EVENT_VERSION, EVENT_VERSION, EVENT_VERSION, EVENT_VERSION, 0, EVENT_VERSION + 1),
    fc.integer({min: 0, max: 6}),
  )
  .map(([bytes, version, type]) => {
    bytes[Offset.version] = version;
    bytes[Offset.type] = type;
    return bytes;
  });

describe('any record', () => {
  it('is decoded to events that every format can write, or rejected', () => {
    const decode = createDecoder('fentry');
    fc.assert(
      fc.property(fc.array(anyRecord, {maxLength: 3}), fc.nat({max: EVENT_SIZE - 1}), (records, cut) => {
        const bytes = Buffer.concat(records);
        let events;
        try {
          events = decode(batch(bytes.subarray(cut % 7 === 0 ? cut : 0)));
        } catch (error) {
          assert.match(String(error), /mixed build/);
          return;
        }
        const shown = records.filter((record) => record[Offset.for_peers] === 0);
        assert.equal(events.length, shown.length);
        for (const event of events) assertPrintable(event);
      }),
      runs(1000),
    );
  });

  it('is decoded to sockets, or rejected', () => {
    let [decoded, refused] = [0, 0];
    fc.assert(
      fc.property(fc.array(anyRecord, {maxLength: 3}), fc.nat(12), fc.nat(99), (records, state, cut) => {
        for (const record of records) record[Offset.state] = state;
        const bytes = Buffer.concat(records);
        try {
          const sockets = decodeSockets(cut === 0 ? bytes.subarray(1) : bytes);
          assert.ok(sockets.length <= records.length);
          const [, ...lines] = tableOf(reportSockets(sockets, [])).trimEnd().split('\n');
          assert.equal(lines.length, sockets.length);
          for (const line of lines) assert.doesNotMatch(line.replace(/\n$/, ''), UNPRINTABLE);
          for (const line of formatLines(sockets)) JSON.parse(line);
          decoded += 1;
        } catch (error) {
          assert.match(String(error), /mixed build/);
          refused += 1;
        }
      }),
      runs(1000),
    );
    assert.ok(decoded > refused / 10 && refused > decoded / 10, `${String(decoded)}, ${String(refused)}`);
  });
});
