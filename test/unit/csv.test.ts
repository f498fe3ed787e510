import assert from 'node:assert/strict';
import {parse} from './parse-csv.js';
import fc from 'fast-check';
import {createCsv} from '#dist/format/csv.js';
import {escapeText} from '#dist/terminal/escape.js';
import {ACCEPT, anyEvent, CLOSE, CONNECT, FAIL, LOST, OPEN, PEER, UPDATE} from './events.js';

const ALL = [{...CONNECT, ...PEER}, ACCEPT, OPEN, FAIL, CLOSE, UPDATE, LOST];

describe('csv', () => {
  it('writes every field of every event in its column', () => {
    const {format} = createCsv();
    const [fields = [], ...rows] = parse(ALL.map(format).join(''));
    assert.deepEqual(new Set(fields), new Set(ALL.flatMap((event) => Object.keys(event))));
    for (const [index, event] of ALL.entries()) {
      const cells = Object.fromEntries(fields.map((field, i) => [field, rows[index]?.[i]]));
      const expected = Object.fromEntries(fields.map((field) => [field, '']));
      for (const [field, value] of Object.entries(event)) expected[field] = String(value);
      assert.deepEqual(cells, expected);
    }
  });

  it('writes one record with all cells for each random event', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, {minLength: 1, maxLength: 10}), (events) => {
        const {format} = createCsv();
        const [fields = [], ...rows] = parse(events.map(format).join(''));
        assert.deepEqual(
          rows.map(({length}) => length),
          events.map(() => fields.length),
        );
        const comm = fields.indexOf('comm');
        for (const [index, event] of events.entries()) {
          const name = escapeText('comm' in event ? (event.comm ?? '') : '');
          const cell = rows[index]?.[comm];
          assert.ok(cell === name || cell === `'${name}`);
        }
      }),
    );
  });

  for (const comm of ['=1+1', '+1', '-1', '@SUM(A1)', '=cmd|x']) {
    it(`disarms the formula ${comm}`, () => {
      const [, [, , , , , cell] = []] = parse(createCsv().format({...CONNECT, comm}));
      assert.equal(cell, `'${comm}`);
    });
  }

  it('escapes invisible characters', () => {
    const [, [, , , , , cell] = []] = parse(createCsv().format({...CONNECT, comm: 'a\x1b[2J"\n,'}));
    assert.equal(cell, 'a\\x1b[2J"\\x0a,');
  });
});
