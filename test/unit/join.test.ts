import assert from 'node:assert/strict';
import fc from 'fast-check';
import {createClocks} from '#dist/aggregate/join/clocks.js';
import type {JoinedConnection} from '#dist/aggregate/join/connection.js';
import {createJoiner, type JoinerOptions} from '#dist/aggregate/join/joiner.js';
import {formatJoined} from '#dist/format/joined/ndjson.js';
import type {AcceptEvent, CloseEvent, ConnectEvent, ConnectionEvent} from '#dist/model/event.js';
import {parseTimeUs} from '#dist/model/units/time.js';
import {FAIL} from './events.js';
import {runs} from '../helpers/runs.js';

const FLOW = '0123456789abcdef';
const START_US = Date.parse('2026-11-28T10:00:00Z') * 1000;

const at = (us: number): string =>
  new Date((START_US + us) / 1000).toISOString().replace(
    /\d{3}Z$/,
    `${String(us % 1e6)
      .padStart(6, '0')
      .slice(0, 3)}000000Z`,
  );

const OPENER = {
  source: 'fentry',
  pid: 1,
  comm: 'curl',
  family: 4,
  laddr: '10.0.0.1',
  lport: 40_000,
  raddr: '10.0.0.9',
  rport: 80,
  netns: 1,
  inode: 100,
  flow: FLOW,
  direction: 'out',
} as const;

/** Through NAT: neither address nor port is that of the opener. */
const ACCEPTOR = {
  ...OPENER,
  pid: 2,
  comm: 'nginx',
  laddr: '10.0.1.1',
  lport: 8080,
  raddr: '10.0.1.9',
  rport: 5000,
  netns: 2,
  inode: 200,
  direction: 'in',
} as const;

const connect = (us: number, more: Partial<ConnectEvent> = {}): ConnectEvent => ({
  ...OPENER,
  time: at(us),
  event: 'connect',
  latency_us: 100,
  ...more,
});
const accept = (us: number, more: Partial<AcceptEvent> = {}): AcceptEvent => ({
  ...ACCEPTOR,
  time: at(us),
  event: 'accept',
  accept_delay_us: 10,
  ...more,
});
const close = (us: number, of: object, more: Partial<CloseEvent> = {}): CloseEvent => ({
  ...OPENER,
  ...of,
  time: at(us),
  event: 'close',
  duration_us: 1000,
  ...more,
});

const SECOND = 1e6;

type Added = readonly [host: string, event: ConnectionEvent];

function joinAll(events: readonly Added[], options: Partial<JoinerOptions> = {}, finishes = true) {
  const joined: JoinedConnection[] = [];
  const joiner = createJoiner({
    emit: (connection) => joined.push(connection),
    windowUs: 60 * SECOND,
    ...options,
  });
  for (const [host, event] of events) joiner.add(event, host, parseTimeUs(event.time));
  if (finishes) joiner.finish();
  const lines = joined.map(
    ({opener, acceptor}) => `${opener?.first.comm ?? '-'}>${acceptor?.first.comm ?? '-'}`,
  );
  return {joined, lines, counts: joiner.counts, pending: joiner.pending()};
}

const PAIR: readonly Added[] = [
  ['web', connect(0)],
  ['db', accept(50_000)],
  ['web', close(100_000, OPENER, {ended_by: 'local', tx_bytes: 7, rx_bytes: 3})],
  ['db', close(200_000, ACCEPTOR, {ended_by: 'remote', tx_bytes: 3, rx_bytes: 7})],
];

describe('joiner', () => {
  it('joins two sockets as soon as both are closed', () => {
    const {joined, lines, counts} = joinAll(PAIR, {}, false);
    assert.deepEqual(lines, ['curl>nginx']);
    assert.deepEqual({...counts}, {pairs: 1, singles: 0, fails: 0, ambiguous: 0, late: 0, evicted: 0});
    const line = JSON.parse(formatJoined(joined[0] as JoinedConnection)) as Record<string, unknown>;
    const {opener_host, acceptor_host, opener_raddr, acceptor_laddr, ended_by, state, latency_us} = line;
    assert.deepEqual(
      [opener_host, acceptor_host, opener_raddr, acceptor_laddr, ended_by, state, latency_us],
      ['web', 'db', '10.0.0.9', '10.0.1.1', 'opener', 'closed', 100],
    );
    assert.deepEqual([line.opener_tx_bytes, line.acceptor_rx_bytes], [7, 7]);
  });

  it('in any order of the recordings', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(['web', 'web', 'db', 'db'], {minLength: 4}), (hosts) => {
        const left = {
          web: PAIR.filter(([host]) => host === 'web'),
          db: PAIR.filter(([host]) => host === 'db'),
        };
        const events = hosts.map((host) => left[host as 'web' | 'db'].shift() as Added);
        assert.deepEqual(joinAll(events, {}, false).lines, ['curl>nginx']);
      }),
      runs(),
    );
  });

  it('prints one socket after the window, and its late peer alone', () => {
    const [connected, accepted, first, second] = PAIR as readonly [Added, Added, Added, Added];
    const other: Added = ['web', connect(130 * SECOND, {inode: 101, flow: 'ffffffffffffffff'})];
    const {lines, counts} = joinAll([connected, first, other, accepted, second]);
    assert.deepEqual(lines.sort(), ['->nginx', 'curl>-', 'curl>-']);
    assert.equal(counts.late, 1);
  });

  it('waits for an open socket beyond the window', () => {
    const [connected, accepted] = PAIR as readonly [Added, Added];
    const end: readonly Added[] = [
      ['web', close(900 * SECOND, OPENER)],
      ['db', close(1800 * SECOND, ACCEPTOR)],
    ];
    assert.deepEqual(joinAll([connected, accepted, ...end], {}, false).lines, ['curl>nginx']);
  });

  it('reports open connections at the end', () => {
    const {joined, pending} = joinAll(PAIR.slice(0, 2), {}, false);
    assert.deepEqual([joined.length, pending.length], [0, 1]);
    const [line] = joinAll(PAIR.slice(0, 2)).joined;
    assert.match(formatJoined(line as JoinedConnection), /"state":"open"/);
  });

  it('does not join more than two sockets of one flow', () => {
    const third: Added = ['db2', accept(60_000, {inode: 300, comm: 'other'})];
    const {lines, counts} = joinAll([...PAIR.slice(0, 2), third, ...PAIR.slice(2)]);
    assert.deepEqual(lines.sort(), ['->nginx', '->other', 'curl>-']);
    assert.equal(counts.ambiguous, 3);
  });

  it('does not join two acceptors', () => {
    const {lines} = joinAll([
      ['a', accept(0)],
      ['b', accept(1000, {inode: 300, comm: 'other'})],
    ]);
    assert.deepEqual(lines.sort(), ['->nginx', '->other']);
  });

  it('joins a simultaneous open', () => {
    const {lines} = joinAll([
      ['a', connect(0)],
      ['b', connect(1000, {inode: 300, comm: 'other', netns: 2})],
    ]);
    assert.deepEqual(lines, ['curl>other']);
  });

  it('ignores a recording that is given twice, also under another name', () => {
    for (const hosts of [
      ['web', 'db'],
      ['copy-of-web', 'copy-of-db'],
    ]) {
      const copy = PAIR.map(([host, event]): Added => [String(hosts[host === 'web' ? 0 : 1]), event]);
      const merged = PAIR.flatMap((added, index) => [added, copy[index] as Added]);
      assert.deepEqual(joinAll(merged).lines, ['curl>nginx'], hosts.join(' '));
      assert.deepEqual(joinAll([...PAIR, ...copy]).lines, ['curl>nginx'], hosts.join(' '));
    }
  });

  it('joins two connections of one socket, although the close of the first was lost', () => {
    const again = {flow: 'ffffffffffffffff'};
    const [connected, accepted, , second] = PAIR as readonly [Added, Added, Added, Added];
    const {lines} = joinAll([
      connected,
      ['web', connect(1000, again)],
      accepted,
      ['web', close(100_000, {...OPENER, ...again})],
      second,
    ]);
    assert.deepEqual(lines.sort(), ['curl>-', 'curl>nginx']);
  });

  it('a close by another process leaves the opener', () => {
    const [connected, , , second] = PAIR as readonly [Added, Added, Added, Added];
    const byOther = close(1000, OPENER, {pid: 9, comm: 'killer', owner_pid: 1, owner_comm: 'curl'});
    assert.deepEqual(joinAll([['web', byOther], second]).lines, ['curl>nginx']);
    assert.deepEqual(joinAll([connected, ['web', byOther], second]).lines, ['curl>nginx']);
  });

  it('reports failures', () => {
    const {joined, counts} = joinAll([['web', FAIL]]);
    assert.equal(counts.fails, 1);
    assert.match(formatJoined(joined[0] as JoinedConnection), /"state":"failed".*"error":"ECONNREFUSED"/);
  });

  it('bounds memory: prints the oldest', () => {
    const events = Array.from({length: 100}, (_, index): Added => {
      const inode = 1000 + index;
      return ['web', connect(index, {inode, flow: String(index).padStart(16, '0')})];
    });
    const {joined, counts} = joinAll(events, {maxPending: 10}, false);
    assert.ok(joined.length >= 90);
    assert.equal(counts.evicted, joined.length);
  });
});

describe('joiner without flow', () => {
  const MIRRORED = {laddr: '10.0.0.9', lport: 80, raddr: '10.0.0.1', rport: 40_000, netns: 1} as const;
  const noFlow = {flow: undefined};

  it('joins by endpoints in one namespace of one host', () => {
    for (const [opener, acceptor] of [
      [noFlow, noFlow],
      [{}, noFlow],
      [noFlow, {}],
    ]) {
      const events: readonly Added[] = [
        ['web', connect(0, opener)],
        ['web', accept(1000, {...MIRRORED, ...acceptor})],
      ];
      assert.deepEqual(joinAll(events).lines, ['curl>nginx']);
    }
  });

  it('not on another host, in another namespace, with other endpoints, or with two flows', () => {
    const others: readonly (readonly [string, Partial<AcceptEvent>])[] = [
      ['db', noFlow],
      ['web', {...noFlow, netns: 2}],
      ['web', {...noFlow, rport: 40_001}],
      ['web', {flow: 'ffffffffffffffff'}],
    ];
    for (const [host, more] of others) {
      const opener = more.flow === undefined ? noFlow : {};
      const events: readonly Added[] = [
        ['web', connect(0, opener)],
        [host, accept(1000, {...MIRRORED, ...more})],
      ];
      assert.deepEqual(joinAll(events).lines.sort(), ['->nginx', 'curl>-'], JSON.stringify(more));
    }
  });

  it('a flow that becomes known later joins', () => {
    const events: readonly Added[] = [['web', connect(0, noFlow)], ...PAIR.slice(1)];
    assert.deepEqual(joinAll(events).lines, ['curl>nginx']);
  });

  it('an unknown direction is the opposite of the known one', () => {
    const events: readonly Added[] = [
      ['web', {...OPENER, ...noFlow, time: at(0), event: 'open', direction: 'unknown'}],
      ['web', accept(1000, {...MIRRORED, ...noFlow})],
    ];
    const {joined, lines} = joinAll(events);
    assert.deepEqual([lines, joined[0]?.areRolesKnown], [['curl>nginx'], true]);
  });
});

describe('who ended a joined connection', () => {
  const cases = [
    ['local', 'remote', 'opener'],
    ['remote', 'local', 'acceptor'],
    ['local', 'local', 'both'],
    ['local-reset', 'remote-reset', 'opener-reset'],
    ['remote-reset', 'local-reset', 'acceptor-reset'],
    ['timeout', 'timeout', 'timeout'],
    ['local', 'local-reset', 'acceptor-reset'],
    [undefined, 'remote', 'opener'],
    ['remote', undefined, 'acceptor'],
    [undefined, undefined, undefined],
  ] as const;
  for (const [opener, acceptor, expected] of cases) {
    it(`${String(opener)} and ${String(acceptor)}: ${String(expected)}`, () => {
      const {joined} = joinAll([
        ...PAIR.slice(0, 2),
        ['web', close(100_000, OPENER, {ended_by: opener})],
        ['db', close(200_000, ACCEPTOR, {ended_by: acceptor})],
      ]);
      assert.equal(joined[0]?.endedBy, expected);
    });
  }
});

describe('clocks', () => {
  /** Three hosts; the acceptor's time includes the error of its clock. */
  function compareAll(pairs: readonly (readonly [opener: string, acceptor: string, errorUs: number])[]) {
    const clocks = createClocks();
    for (const host of ['a', 'b', 'c']) clocks.toCommon(host, 0);
    for (const [index, [opener, acceptor, errorUs]] of pairs.entries()) {
      const own = {inode: 1000 + index, flow: String(index).padStart(16, '0')};
      joinAll(
        [
          [opener, connect(index * 1000, own)],
          [acceptor, accept(index * 1000 + 60 + errorUs, own)],
        ],
        {onPair: clocks.compare},
      );
    }
    return clocks;
  }

  it('are compared directly and through another host', () => {
    const pairs = Array.from({length: 200}, (_, index) =>
      index % 2 === 0 ? (['c', 'b', 300 * SECOND] as const) : (['b', 'a', -100 * SECOND] as const),
    );
    const clocks = compareAll(pairs);
    const offsets = clocks
      .differences()
      .map(({host, reference, offsetUs}) => [host, reference, Math.round(offsetUs / SECOND)]);
    assert.deepEqual(offsets, [
      ['b', 'a', 100],
      ['c', 'a', -200],
    ]);
    assert.deepEqual(clocks.separate(), ['a']);
    assert.equal(Math.round((clocks.toCommon('b', 0) - clocks.toCommon('c', 0)) / SECOND), -300);
  });

  it('hosts without a common connection are separate', () => {
    assert.deepEqual(compareAll([['a', 'b', 0]]).separate(), ['a', 'c']);
  });
});
