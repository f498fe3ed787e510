import assert from 'node:assert/strict';
import fc from 'fast-check';
import {formatNdjson, formatNdjsonWithNames} from '#dist/format/ndjson.js';
import {EVENT_KINDS} from '#dist/model/event.js';
import {fieldsOf} from '#dist/model/fields.js';
import {parseEvent} from '#dist/model/schema/parse-event.js';
import {assertValidEvent, isValidEvent} from '../helpers/event-schema.js';
import {runs} from '../helpers/runs.js';
import {anyEvent, BARE, CLOSE, CONNECT, LOST, NAMES, WHOLE} from './events.js';

describe('the JSON Schema of events', () => {
  it('describes each kind, and accepts each with all its fields', () => {
    assert.deepEqual(new Set(WHOLE.map(({event}) => event)), new Set(EVENT_KINDS));
    for (const event of WHOLE) {
      const whole = event.event === 'lost' ? event : {...event, ...NAMES};
      assertValidEvent(JSON.parse(formatNdjsonWithNames(whole)));
    }
    assertValidEvent(BARE);
  });

  it('accepts fields that a later version adds', () => {
    assert.ok(isValidEvent({...CLOSE, of_a_later_version: {}}));
  });

  for (const event of [CONNECT, CLOSE, LOST]) {
    for (const {name} of fieldsOf(event.event).filter(({required}) => required)) {
      it(`refuses ${event.event} without ${name}, as does the reader of recordings`, () => {
        const rest = Object.fromEntries(Object.entries(event).filter(([key]) => key !== name));
        assert.ok(!isValidEvent(rest));
        assert.equal(parseEvent(rest), undefined);
      });
    }
  }

  for (const wrong of [
    {...CLOSE, event: 'closed'},
    {...CLOSE, source: 'ebpf'},
    {...CLOSE, time: '2026-11-23 15:51:02'},
    {...CLOSE, rport: 65_536},
    {...CLOSE, laddr: 'localhost'},
    {...CLOSE, pid: -1},
    {...CLOSE, tx_bytes: '12'},
    {...CLOSE, rtt_us: 1.5},
    {...CLOSE, ended_by: ''},
    {...CLOSE, comm: 'x'.repeat(257)},
    [],
    null,
  ]) {
    it(`refuses ${JSON.stringify(wrong).slice(0, 200)}, as does the reader of recordings`, () => {
      assert.ok(!isValidEvent(wrong));
      assert.equal(parseEvent(wrong), undefined);
    });
  }

  it('accepts any event with texts no longer than those of Linux', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        assertValidEvent(JSON.parse(formatNdjson(event)));
      }),
      runs(1000),
    );
  });
});
