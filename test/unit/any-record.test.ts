/** Records of random bytes through decoder and sinks. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {createDecoder} from '#dist/kernel/decode.js';
import {EVENT_SIZE, EVENT_VERSION, Offset} from '#dist/kernel/layout.js';
import {createCsv} from '#dist/sinks/csv.js';
import {formatNdjson} from '#dist/sinks/ndjson.js';
import {createTable} from '#dist/sinks/table.js';
import {createPaint} from '#dist/terminal/paint.js';
import {runs} from '../helpers/runs.js';
import {batch} from './record.js';

/** Most have a version and a type that are known, so that what is behind them is looked at. */
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
  it('becomes events that every sink can write, or a refusal', () => {
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
        assert.equal(events.length, Math.trunc(bytes.length / EVENT_SIZE));
        const [toRow, toCsv] = [createTable(createPaint(0)), createCsv()];
        for (const event of events) {
          const line = formatNdjson(event);
          assert.equal((JSON.parse(line) as {event: string}).event, event.event);
          assert.equal(line.indexOf('\n'), line.length - 1);
          for (const text of [toRow(event), toCsv(event)])
            assert.doesNotMatch(text.replaceAll('\n', ''), /[\x00-\x1f\x7f-\x9f\u202e\u200b]/);
        }
      }),
      runs(1000),
    );
  });
});
