/** Reads malformed recordings and writes their events in every format. */
import assert from 'node:assert/strict';
import {Readable} from 'node:stream';
import fc from 'fast-check';
import {createLedger} from '#dist/compare/ledger.js';
import {compareSources} from '#dist/compare/report.js';
import {type TraceEvent} from '#dist/model/event.js';
import {NAME_FIELDS} from '#dist/model/fields.js';
import {parseTimeUs} from '#dist/model/units/time.js';
import {reportComparison} from '#dist/format/reports/comparison.js';
import {formatNdjson} from '#dist/format/ndjson.js';
import {readLines} from '#dist/sources/recording/recorded-lines.js';
import {runs} from '../helpers/runs.js';
import {anyEvent} from './events.js';
import {assertPrintable, assertStatsPrintable, UNPRINTABLE} from './printable.js';
import {jsonOf, tableOf} from './report-text.js';

const FIELDS = [
  ...[
    'time',
    'event',
    'source',
    'pid',
    'comm',
    'uid',
    'owner_pid',
    'owner_comm',
    'family',
    'laddr',
    'lport',
    'raddr',
  ],
  ...[
    'rport',
    'netns',
    'inode',
    'direction',
    'latency_us',
    'error',
    'duration_us',
    'tx_bytes',
    'rx_bytes',
    'rtt_us',
  ],
  ...['retrans', 'ended_by', 'count', 'cgroup_id', ...NAME_FIELDS],
];
const TRAPS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '0', ''];

/** JSON text, in which `__proto__` is an ordinary key. */
const anyValue = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    '0',
    '1',
    '4',
    '6',
    '-1',
    '1.5',
    '1e309',
    '-0',
    '65536',
    '9007199254740993',
    '[]',
    '{}',
  ),
  fc.constantFrom(
    '"connect"',
    '"close"',
    '"lost"',
    '"in"',
    '"timeout"',
    '"::1"',
    '"10.0.0.1"',
    '"2026-02-30T24:00:00Z"',
  ),
  fc.constantFrom(
    '"\\u001b]2;evil\\u0007"',
    '"\\u202e"',
    '"=1+1"',
    '"\\ud800"',
    '"\\u0000"',
    `"${'x'.repeat(5000)}"`,
  ),
  fc.constantFrom('{"polluted":true}', '{"prototype":{"polluted":true}}', '['.repeat(500) + ']'.repeat(500)),
  fc.string({unit: 'binary', maxLength: 20}).map((text) => JSON.stringify(text)),
  fc.json({maxDepth: 2}),
);

const anyField = fc.tuple(fc.constantFrom(...FIELDS, ...TRAPS), anyValue);

/** An event with some fields replaced. */
const strangeEvent = fc
  .tuple(anyEvent, fc.array(anyField, {maxLength: 3}), fc.boolean())
  .map(([event, fields, isBehind]) => {
    const line = formatNdjson(event).slice(1, -2);
    const others = fields.map(([name, value]) => `${JSON.stringify(name)}:${value}`);
    return `{${(isBehind ? [line, ...others] : [...others, line]).join(',')}}`;
  });

/** An event with some bytes replaced. */
const brokenEvent = fc
  .tuple(anyEvent, fc.nat(), fc.nat(8), fc.uint8Array({maxLength: 8}))
  .map(([event, place, cut, bytes]) => {
    const line = Buffer.from(formatNdjson(event).slice(0, -1));
    const at = place % line.length;
    return Buffer.concat([line.subarray(0, at), bytes, line.subarray(at + cut)]);
  });

const anyLine = fc.oneof(
  {weight: 6, arbitrary: strangeEvent.map((line) => Buffer.from(line))},
  {weight: 3, arbitrary: brokenEvent},
  {weight: 1, arbitrary: fc.uint8Array({maxLength: 100}).map((bytes) => Buffer.from(bytes))},
);

function assertComparable(events: readonly TraceEvent[]): void {
  const sources = [events, events.slice(1)].map((some) => {
    const ledger = createLedger();
    for (const event of some) ledger.add(event, parseTimeUs(event.time));
    return {name: '\x1b[2J', ledger, cost: undefined, isLive: false};
  });
  const report = compareSources(sources, {startUs: 0, endUs: parseTimeUs('9999-12-31T23:59:59Z')});
  assert.doesNotMatch(tableOf(reportComparison(report, true)).replaceAll('\n', ''), UNPRINTABLE);
  JSON.parse(jsonOf(reportComparison(report, true)));
}

describe('any recording', function () {
  it('yields events that can be written and compared, or invalid lines', async () => {
    let [whole, broken] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, {minLength: 1, maxLength: 4}), fc.nat(19), async (lines, chance) => {
        const events: TraceEvent[] = [];
        const input = Readable.from([Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]))]);
        for await (const {event} of readLines(input)) {
          if (event === undefined) broken += 1;
          else events.push(event);
        }
        whole += events.length;
        for (const event of events) assertPrintable(event);
        if (chance === 0) {
          assertStatsPrintable(events);
          assertComparable(events);
        }
        assert.deepEqual(
          Object.getOwnPropertyNames(Object.prototype).filter((name) => name === 'polluted'),
          [],
        );
      }),
      runs(1000),
    );
    // both results must occur
    assert.ok(whole > broken / 10 && broken > whole / 10, `${String(whole)}, ${String(broken)}`);
  });
});
