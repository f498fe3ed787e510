import assert from 'node:assert/strict';
import {createLedger, type Ledger, MAX_ALIKE} from '#dist/compare/ledger.js';
import {type ComparedSource, compareSources, type Report} from '#dist/compare/report.js';
import type {Source} from '#dist/model/event.js';
import type {FlowEndpoints, FlowEvent} from '#dist/model/flow.js';
import {parseTimeUs} from '#dist/model/units/time.js';
import {reportComparison} from '#dist/format/reports/comparison.js';
import {jsonOf, tableOf} from './report-text.js';

const START = '2026-11-23T12:00:00';

/** @param ms since START */
function at(ms: number): string {
  return `${START}.${String(ms).padStart(3, '0')}000000Z`;
}

interface Facts {
  readonly inode?: number;
  readonly pid?: number;
  readonly netns?: number;
  readonly lport?: number;
  readonly rport?: number;
  readonly far?: FlowEndpoints;
}

/** A socket; equal inodes mean the same socket. */
function event(
  kind: 'connect' | 'accept' | 'close' | 'open',
  ms: number,
  facts: Facts,
  source: Source,
): FlowEvent {
  const {inode, pid, netns = 1, lport = 1000 + (inode ?? 0), rport = 80, far} = facts;
  const ends = {family: 4, laddr: '127.0.0.1', lport, raddr: '127.0.0.1', rport} as const;
  return {time: at(ms), event: kind, source, pid, ...ends, netns, inode, direction: 'out', ...(far && {far})};
}

/** Events of a source: [kind, ms, facts, ms when it was reported]. */
type Seen = readonly [
  kind: 'connect' | 'accept' | 'close' | 'open',
  ms: number,
  facts: Facts,
  knownMs?: number,
];

function ledger(source: Source, ...seen: Seen[]): Ledger {
  const all = createLedger();
  for (const [kind, ms, facts, knownMs = ms] of seen)
    all.add(event(kind, ms, facts, source), parseTimeUs(at(knownMs)));
  return all;
}

const WINDOW = {startUs: parseTimeUs(at(100)), endUs: parseTimeUs(at(900))};

function toSources(ledgers: readonly Ledger[]): ComparedSource[] {
  return ledgers.map((it, index) => ({
    name: `source ${String(index)}`,
    ledger: it,
    cost: undefined,
    isLive: true,
  }));
}

function compare(...ledgers: Ledger[]): Report {
  const sources = toSources(ledgers);
  return compareSources(sources, WINDOW, {intervalUs: 100_000});
}

const counts = ({total, apart, sources}: Report): unknown => ({
  total,
  apart,
  missed: sources.map(({missed, missedShort}) => [missed, missedShort]),
});

describe('comparison of sources', () => {
  it('equal events: nothing is missed', () => {
    const seen: Seen[] = [
      ['connect', 200, {inode: 1, pid: 7}],
      ['close', 300, {inode: 1, pid: 7}],
    ];
    const report = compare(ledger('kprobe', ...seen), ledger('proc', ...seen));
    assert.deepEqual(counts(report), {
      total: 1,
      apart: {beganBefore: 0, endedAfter: 0},
      missed: [
        [0, 0],
        [0, 0],
      ],
    });
    assert.deepEqual(report.pairs, [{names: ['source 0', 'source 1'], both: 1, only: [0, 0]}]);
    assert.deepEqual(report.misses, []);
  });

  it('counts misses per source and lifetime', () => {
    const report = compare(
      ledger(
        'kprobe',
        ['connect', 200, {inode: 1}],
        ['close', 299, {inode: 1}],
        ['connect', 200, {inode: 2}],
        ['close', 300, {inode: 2}],
      ),
      ledger('proc', ['connect', 400, {inode: 3}], ['close', 500, {inode: 3}]),
    );
    assert.deepEqual(counts(report), {
      total: 3,
      apart: {beganBefore: 0, endedAfter: 0},
      missed: [
        [1, 0],
        [2, 1],
      ],
    });
    assert.deepEqual(
      report.misses.map(({life, by}) => [life.inode, by]),
      [
        [1, ['source 1']],
        [2, ['source 1']],
        [3, ['source 0']],
      ],
    );
  });

  it('does not count connections that began before or ended after the comparison', () => {
    const report = compare(
      ledger(
        'kprobe',
        ['connect', 99, {inode: 1}],
        ['close', 300, {inode: 1}],
        ['connect', 800, {inode: 2}],
        ['close', 901, {inode: 2}],
        ['connect', 800, {inode: 3}],
        ['close', 500, {inode: 4}],
        ['open', 50, {inode: 5}],
      ),
      ledger('proc'),
    );
    assert.deepEqual(counts(report), {
      total: 0,
      apart: {beganBefore: 3, endedAfter: 2},
      missed: [
        [0, 0],
        [0, 0],
      ],
    });
  });

  it('reports the delay of a scan', () => {
    const report = compare(
      ledger('kprobe', ['connect', 200, {inode: 1}, 210], ['close', 600, {inode: 1}, 610]),
      ledger('proc', ['connect', 450, {inode: 1}, 460], ['close', 700, {inode: 1}]),
    );
    assert.equal(report.total, 1);
    assert.deepEqual(
      report.sources.map(({delay}) => delay?.medianUs),
      [10_000, 260_000],
    );
  });

  it('matches a scan with the connection that existed at its time, if a socket connected twice', () => {
    const twice: Seen[] = [
      ['connect', 200, {inode: 1}],
      ['close', 300, {inode: 1}],
      ['connect', 400, {inode: 1}],
      ['close', 500, {inode: 1}],
    ];
    const late = compare(
      ledger('kprobe', ...twice),
      ledger('proc', ['connect', 450, {inode: 1}], ['close', 550, {inode: 1}]),
    );
    assert.deepEqual(
      late.misses.map(({beganUs}) => beganUs),
      [parseTimeUs(at(200))],
    );
    const early = compare(
      ledger('kprobe', ...twice),
      ledger('proc', ['connect', 250, {inode: 1}], ['close', 350, {inode: 1}]),
    );
    assert.deepEqual(
      early.misses.map(({beganUs}) => beganUs),
      [parseTimeUs(at(400))],
    );
    assert.equal(early.total, 2);
  });

  it('counts wrong and missing pids and namespaces', () => {
    const life = (inode: number, facts: Facts): Seen[] => [
      ['connect', 200, {inode, ...facts}],
      ['close', 300, {inode, ...facts}],
    ];
    const {sources} = compare(
      ledger('kprobe', ...life(1, {pid: 7}), ...life(2, {pid: 7}), ...life(3, {pid: 7}), ...life(4, {})),
      ledger(
        'proc',
        ...life(1, {pid: 8}),
        ...life(2, {}),
        ...life(3, {pid: 7, netns: 2}),
        ...life(4, {pid: 7}),
      ),
    );
    assert.deepEqual(
      [sources[0]?.pid, sources[0]?.netns],
      [
        {wrong: 0, missing: 1},
        {wrong: 0, missing: 0},
      ],
    );
    assert.deepEqual(
      [sources[1]?.pid, sources[1]?.netns],
      [
        {wrong: 1, missing: 1},
        {wrong: 1, missing: 0},
      ],
    );
  });

  it('a flow matches both sockets that existed at its time', () => {
    const ends: Seen[] = [
      ['connect', 200, {inode: 1, lport: 1001, rport: 80}],
      ['accept', 201, {inode: 2, lport: 80, rport: 1001}],
      ['close', 300, {inode: 1, lport: 1001, rport: 80}],
      ['close', 301, {inode: 2, lport: 80, rport: 1001}],
      ['connect', 400, {inode: 3, lport: 1002, rport: 80}],
      ['close', 500, {inode: 3, lport: 1002, rport: 80}],
    ];
    const report = compare(
      ledger('kprobe', ...ends),
      ledger(
        'conntrack',
        ['connect', 200, {lport: 1001}],
        ['close', 300, {lport: 1001}],
        ['connect', 600, {lport: 9}],
        ['close', 700, {lport: 9}],
      ),
    );
    assert.equal(report.total, 4);
    assert.deepEqual(
      report.pairs.map(({both, only}) => [both, only]),
      [[2, [1, 1]]],
    );
  });

  it('a flow through NAT matches both sockets', () => {
    const client: Seen[] = [
      ['connect', 200, {inode: 1, lport: 1001, rport: 9999}],
      ['close', 300, {inode: 1, lport: 1001, rport: 9999}],
    ];
    const server: Seen[] = [
      ['accept', 201, {inode: 2, lport: 80, rport: 1001}],
      ['close', 301, {inode: 2, lport: 80, rport: 1001}],
    ];
    const far = {laddr: '127.0.0.1', lport: 80, raddr: '127.0.0.1', rport: 1001};
    const report = compare(
      ledger('kprobe', ...client, ...server),
      ledger(
        'conntrack',
        ['connect', 200, {lport: 1001, rport: 9999, far}],
        ['close', 300, {lport: 1001, rport: 9999}],
      ),
    );
    assert.deepEqual([report.total, report.pairs.map(({both, only}) => [both, only])], [2, [[2, [0, 0]]]]);
  });

  it('does not depend on the order of the sources', () => {
    const exact = ledger('kprobe', ['connect', 200, {inode: 1, pid: 7}], ['close', 500, {inode: 1, pid: 7}]);
    const scanned = ledger('proc', ['connect', 400, {inode: 1, pid: 8}], ['close', 700, {inode: 1, pid: 8}]);
    const there = compare(exact, scanned);
    const back = compare(scanned, exact);
    assert.equal(there.total, 1);
    const facts = ({sources}: Report): unknown[] => sources.map((source) => ({...source, name: undefined}));
    assert.deepEqual(facts(back).reverse(), facts(there));
    assert.deepEqual(back.sources[0]?.pid, {wrong: 1, missing: 0});
    assert.deepEqual(back.pairs, [{names: ['source 0', 'source 1'], both: 1, only: [0, 0]}]);
  });

  it('matches a connection despite different clocks and scan intervals', () => {
    const close = ['close', 600, {inode: 1}] as const;
    for (const [a, b] of [
      [
        ledger('kprobe', ['connect', 201, {inode: 1}], close),
        ledger('tracepoint', ['connect', 200, {inode: 1}], close),
      ],
      [
        ledger('proc', ['connect', 500, {inode: 1}], close),
        ledger('proc', ['connect', 250, {inode: 1}], close),
      ],
    ] as const)
      assert.deepEqual(counts(compare(a, b)), {
        total: 1,
        apart: {beganBefore: 0, endedAfter: 0},
        missed: [
          [0, 0],
          [0, 0],
        ],
      });
  });

  it('derives a missing begin from the close', () => {
    const closed = createLedger();
    closed.add({...event('close', 500, {inode: 1, pid: 7}, 'kprobe'), duration_us: 300_000} as FlowEvent, 0);
    const report = compare(closed, ledger('proc'));
    assert.deepEqual([report.total, report.misses[0]?.beganUs], [1, parseTimeUs(at(200))]);
  });

  it('a flow does not match earlier or later connections with its ports', () => {
    const life = (inode: number, ms: number): Seen[] => [
      ['connect', ms, {inode, lport: 1001}],
      ['close', ms + 1, {inode, lport: 1001}],
    ];
    const sockets = ledger('kprobe', ...life(1, 200), ...life(2, 400), ...life(3, 600));
    const flow = ledger('conntrack', ['connect', 400, {lport: 1001}], ['close', 401, {lport: 1001}]);
    const near = compare(sockets, flow);
    assert.equal(near.sources[1]?.seen, 1);
    const later = createLedger();
    for (const [kind, second] of [
      ['connect', 5],
      ['close', 6],
    ] as const)
      later.add(
        {
          ...event(kind, 0, {lport: 1001}, 'conntrack'),
          time: `2026-11-23T12:00:0${String(second)}.000000000Z`,
        },
        0,
      );
    assert.equal(compare(sockets, later).sources[1]?.seen, 0);
  });

  it('ignores flows without a selected socket', () => {
    const strange = ledger('conntrack', ['connect', 200, {lport: 9}], ['close', 300, {lport: 9}]);
    const sources = toSources([ledger('kprobe'), strange]);
    assert.equal(compareSources(sources, WINDOW).total, 1);
    assert.equal(compareSources(sources, WINDOW, {onlySockets: true}).total, 0);
  });

  it('keeps an unknown endpoint unknown, in JSON and in the table', () => {
    const known = createLedger();
    for (const kind of ['connect', 'close'] as const) {
      const ms = kind === 'connect' ? 200 : 300;
      const unknown = {...event(kind, ms, {inode: 1}, 'kprobe'), laddr: undefined, lport: undefined};
      known.add(unknown, parseTimeUs(at(ms)));
    }
    const report = compare(known, ledger('proc'));
    assert.equal(report.total, 1);
    const {misses} = JSON.parse(jsonOf(reportComparison(report, true))) as {misses: object[]};
    const fields = ['time', 'duration_us', 'raddr', 'rport', 'netns', 'inode', 'missed_by'];
    assert.deepEqual(misses.map(Object.keys), [fields]);
    const text = tableOf(reportComparison(report, true));
    assert.match(text, /^1 connection began and ended within /);
    assert.match(text, / 100ms - - - 127\.0\.0\.1:80 missed by source 1\n$/);
  });

  it('losses are unknown for sources that cannot count them', () => {
    const some: Seen = ['connect', 200, {inode: 1}];
    const report = compare(ledger('kprobe', some), ledger('proc', some), ledger('conntrack', some));
    assert.deepEqual(
      report.sources.map(({lost}) => lost),
      [0, undefined, undefined],
    );
  });

  it('reports lost events', () => {
    const lossy = ledger('kprobe');
    lossy.add({time: at(200), event: 'lost', source: 'kprobe', count: 3}, 0);
    lossy.add({time: at(300), event: 'lost', source: 'kprobe', count: 4}, 0);
    assert.equal(compare(lossy, ledger('proc')).sources[0]?.lost, 7);
  });

  it('fails if a socket has too many connections', () => {
    const some = ledger(
      'kprobe',
      ...Array.from({length: MAX_ALIKE}, (_, ms): Seen => ['connect', ms % 1000, {inode: 1}]),
    );
    assert.equal(some.isFull(), false);
    some.add(event('connect', 0, {inode: 2}, 'kprobe'), 0);
    assert.equal(some.isFull(), false);
    some.add(event('connect', 0, {inode: 1}, 'kprobe'), 0);
    assert.equal(some.isFull(), true);
  });
});
