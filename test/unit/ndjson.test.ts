import assert from 'node:assert/strict';
import fc from 'fast-check';
import {formatNdjson, formatNdjsonWithNames} from '#dist/format/ndjson.js';
import {fieldsOf} from '#dist/model/fields.js';
import {anyEvent, BARE, CLOSE, NAMES, PEER, PEER_NAMES, WHOLE} from './events.js';
import {runs} from '../helpers/runs.js';

function keys(line: string): string[] {
  return Object.keys(JSON.parse(line) as object);
}

describe('NDJSON', () => {
  it('is one line that parses to the event without undefined fields', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const line = formatNdjson(event);
        assert.match(line, /^[^\n\r]+\n$/);
        const known = Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));
        assert.deepStrictEqual(JSON.parse(line), known);
      }),
      runs(3000),
    );
  });

  for (const event of WHOLE) {
    it(`has the fields of ${event.event} in the order of the table`, () => {
      const fields = fieldsOf(event.event).filter(({lookup}) => lookup !== true);
      assert.deepEqual(
        keys(formatNdjson(event)),
        fields.map(({name}) => name),
      );
    });
  }

  it('has names after the other fields, in the order of the table', () => {
    assert.deepEqual(
      keys(formatNdjsonWithNames({...CLOSE, ...PEER, ...NAMES, ...PEER_NAMES})),
      fieldsOf('close').map(({name}) => name),
    );
  });

  it('has only the required fields of an event of which nothing else is known', () => {
    const required = fieldsOf('close').filter((field) => field.required === true);
    assert.deepEqual(
      keys(formatNdjson(BARE)),
      required.map(({name}) => name),
    );
  });

  it('is valid UTF-8 for any name', () => {
    const line = formatNdjson({...BARE, comm: '"\\\n\x1b\ud800漢'});
    assert.equal(Buffer.from(line).toString(), line);
    assert.ok(line.includes('"comm":"\\"\\\\\\n\\u001b\\ud800漢"'), line);
  });
});
