/** The /proc source with simulated scans. */
import assert from 'node:assert/strict';
import type {TraceEvent} from '#dist/model/event.js';
import {type Filter, NO_FILTER} from '#dist/filter/filter.js';
import type {Changes, Connection} from '#dist/procfs/tcp/connections.js';
import {createProcSource} from '#dist/sources/proc.js';
import {portIs} from '../helpers/port-filter.js';

const CLIENT = {pid: 7, comm: 'client', uid: 1000};
const OTHER = {pid: 8, comm: 'other', uid: 0};
const ALL: Filter = {events: [], ...NO_FILTER};

function connection(overrides: Partial<Connection> = {}): Connection {
  return {
    family: 4,
    laddr: '10.0.0.1',
    lport: 50_000,
    raddr: '10.0.0.2',
    rport: 443,
    inode: 100,
    netns: 1,
    direction: 'out',
    opener: CLIENT,
    holder: CLIENT,
    since: 1000,
    ...overrides,
  };
}

const FIELDS = {
  source: 'proc',
  ...CLIENT,
  family: 4,
  laddr: '10.0.0.1',
  lport: 50_000,
  raddr: '10.0.0.2',
  rport: 443,
  netns: 1,
  inode: 100,
  direction: 'out',
};

/** Simulates scans with these results; the last follows the abort. */
async function eventsOf(scans: readonly Partial<Changes>[], filter = ALL): Promise<TraceEvent[][]> {
  const controller = new AbortController();
  const left = [...scans];
  const scanner = {
    scan(): Changes {
      const next = left.shift();
      if (left.length <= 1) controller.abort();
      assert.ok(next, 'one scan too many');
      return {now: 0, opened: [], closed: [], ...next};
    },
  };
  const source = createProcSource(scanner, {filter, intervalMs: 1, signal: controller.signal});
  const batches: TraceEvent[][] = [];
  for await (const batch of source.events) batches.push([...batch]);
  assert.deepEqual(left, []);
  assert.equal(source.stats().scans, scans.length);
  return batches;
}

function withoutTime({time, ...rest}: TraceEvent): Record<string, unknown> {
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  // removes undefined fields
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
}

describe('/proc source', () => {
  it('reports open at the first scan, then connect, accept and close; no empty batches', async () => {
    const batches = await eventsOf([
      {opened: [connection({since: undefined})]},
      {},
      {opened: [connection(), connection({direction: 'in'})]},
      {closed: [connection()], now: 1234.5678},
    ]);
    assert.deepEqual(
      batches.map((batch) => batch.map(withoutTime)),
      [
        [{event: 'open', ...FIELDS}],
        [
          {event: 'connect', ...FIELDS},
          {event: 'accept', ...FIELDS, direction: 'in'},
        ],
        [{event: 'close', ...FIELDS, duration_us: 234_568}],
      ],
    );
  });

  it('uses one time per scan, closes first', async () => {
    const [batch = []] = await eventsOf([
      {},
      {opened: [connection()], closed: [connection({inode: 99})]},
      {},
    ]);
    assert.deepEqual(
      batch.map(({event}) => event),
      ['close', 'connect'],
    );
    assert.equal(new Set(batch.map(({time}) => time)).size, 1);
  });

  it('sets the owner if another process closed the connection', async () => {
    const [[event] = []] = await eventsOf([{}, {closed: [connection({holder: OTHER})], now: 1001}, {}]);
    assert.ok(event);
    assert.deepEqual(withoutTime(event), {
      event: 'close',
      ...FIELDS,
      ...OTHER,
      owner_pid: 7,
      owner_comm: 'client',
      owner_uid: 1000,
      duration_us: 1000,
    });
  });

  it('preexisting connection: no owner, no duration', async () => {
    const old = connection({since: undefined, holder: OTHER});
    const [[event] = []] = await eventsOf([{}, {closed: [old], now: 1001}, {}]);
    assert.ok(event);
    assert.deepEqual(withoutTime(event), {event: 'close', ...FIELDS, ...OTHER});
  });

  it('applies the filter', async () => {
    const scans = [
      {opened: [connection()]},
      {opened: [connection(), connection({direction: 'in', rport: 80})]},
      {closed: [connection({family: 6})]},
    ];
    const kinds = async (filter: Partial<Filter>): Promise<string[]> =>
      (await eventsOf(scans, {...ALL, ...filter})).flat().map(({event}) => event);
    assert.deepEqual(await kinds({}), ['open', 'connect', 'accept', 'close']);
    assert.deepEqual(await kinds({events: ['connect', 'close']}), ['connect', 'close']);
    assert.deepEqual(await kinds({endpoints: [portIs(80)]}), ['accept']);
    assert.deepEqual(await kinds({families: [6]}), ['close']);
    assert.deepEqual(await kinds({pids: [8]}), []);
  });

  it('scans once more if the signal is already aborted', async () => {
    const batches = await eventsOf([{}, {opened: [connection()]}]);
    assert.deepEqual(
      batches.flat().map(({event}) => event),
      ['connect'],
    );
  });

  it('wakes up when the signal is aborted', async () => {
    const controller = new AbortController();
    const scanner = {scan: (): Changes => ({now: 0, opened: [], closed: [connection()]})};
    const {events} = createProcSource(scanner, {filter: ALL, intervalMs: 2 ** 30, signal: controller.signal});
    const next = events.next();
    controller.abort();
    assert.equal((await next).value?.length, 1);
    assert.equal((await events.next()).done, true);
  });

  it('ends with the error of a failed scan', async () => {
    let scans = 0;
    const scanner = {
      scan(): Changes {
        if (scans++ > 0) throw new Error('no /proc');
        return {now: 0, opened: [], closed: []};
      },
    };
    const {events} = createProcSource(scanner, {
      filter: ALL,
      intervalMs: 1,
      signal: new AbortController().signal,
    });
    await assert.rejects(events.next(), /no \/proc/);
  });
});
