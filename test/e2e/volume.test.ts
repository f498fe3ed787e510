/** Many connections: each event exactly once, in order, and lost events are counted. */
import assert from 'node:assert/strict';
import {setTimeout} from 'node:timers/promises';
import {Actor, type Job, type BurstConnection} from '../helpers/actor.js';
import {assertPair, eventsOf} from '../helpers/expect.js';
import {IS_EMULATED} from '../helpers/machine.js';
import {Cable, Netns} from '../helpers/netns.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import {Tracer, type TraceEvent} from '../helpers/tracer.js';

interface Burst {
  readonly made: readonly BurstConnection[];
  readonly taken: readonly BurstConnection[];
  readonly port: number;
}

async function together(threads: number, start: () => Promise<Job>): Promise<BurstConnection[]> {
  const jobs = await Promise.all(Array.from({length: threads}, start));
  const done = await Promise.all(jobs.map(async (job) => job.join()));
  return done.flatMap(({connections = []}) => connections);
}

/** @param threads client and server threads, each of which handles `count` connections */
async function burst(
  client: Actor,
  server: Actor,
  count: number,
  bytes: number,
  threads = 1,
): Promise<Burst> {
  const {fd, port} = await server.listen('127.0.0.1');
  const [taken, made] = await Promise.all([
    together(threads, () => server.background('serve', fd, count)),
    together(threads, () => client.background('burst', count, '127.0.0.1', port, bytes, 0)),
  ]);
  return {made, taken, port};
}

function lost(events: readonly TraceEvent[]): number {
  return events.reduce((sum, {event, count}) => sum + (event === 'lost' ? Number(count) : 0), 0);
}

/** Summarizes the events of each socket, in order. */
function storyOf(events: readonly TraceEvent[]): Map<number, string[]> {
  const stories = new Map<number, string[]>();
  for (const {event, inode = 0, direction, tx_bytes, rx_bytes} of events) {
    const totals = event === 'close' ? ` tx=${String(tx_bytes)} rx=${String(rx_bytes)}` : '';
    const story = stories.get(inode);
    const chapter = `${event} ${String(direction)}${totals}`;
    if (story) story.push(chapter);
    else stories.set(inode, [chapter]);
  }
  return stories;
}

function assertStories(
  events: readonly TraceEvent[],
  connections: readonly BurstConnection[],
  story: readonly string[],
): void {
  const stories = storyOf(events);
  const wrong = connections.filter(([inode]) => stories.get(inode)?.join() !== story.join());
  assert.deepEqual(
    wrong.map(([inode]) => stories.get(inode)),
    [],
  );
}

/** Asserts that each connection has one flow at both endpoints, and that no two connections share one. */
function assertFlows(events: readonly TraceEvent[], count: number): void {
  const numbers = new Map<unknown, number>();
  for (const {flow} of events) numbers.set(flow, (numbers.get(flow) ?? 0) + 1);
  assert.deepEqual([numbers.size, new Set(numbers.values())], [count, new Set([4])]);
}

/** Fewer on emulated machines, where each takes milliseconds. */
const MANY = IS_EMULATED ? 5000 : 20_000;

suite('volume', (stage) => {
  let server: Actor;
  beforeEach(async () => {
    server = await Actor.start();
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
  });

  /** Restricts the trace to these processes. */
  const own = (): string[] => ['--pid', `${String(stage.actor.pid)},${String(server.pid)}`];

  for (const [count, bytes, threads, title] of [
    [2000, 0, 1, '2,000 connections'],
    [MANY, 10, 1, `${String(MANY / 1000)},000 connections`],
    // with preemptible tracepoint programs (7.2), some program is preempted nearly all the time
    [5000, 0, 100, '5,000 connections by 100 threads to 100 threads'],
  ] as const) {
    it(`${title} at full speed: every event once, in order`, async () => {
      await using tracer = await Tracer.start(own());
      const {made, taken} = await burst(stage.actor, server, count / threads, bytes, threads);
      const {events, code} = await tracer.stop();
      assert.equal(code, 0);
      assert.deepEqual([made.length, taken.length, lost(events)], [count, count, 0]);
      assert.equal(events.length, 4 * count);
      assertStories(events, made, ['connect out', `close out tx=${String(bytes)} rx=0`]);
      assertStories(events, taken, ['accept in', `close in tx=0 rx=${String(bytes)}`]);
      assertFlows(events, count);
    });
  }

  for (const [title, flags] of [
    ['', []],
    [', with a full connection map', ['--max-connections', '1']],
  ] as const)
    it(`2,000 connects without a route by 100 threads${title}: each fails once`, async () => {
      using netns = new Netns();
      await stage.actor.do('netns', netns.path);
      await using tracer = await Tracer.start(flags);
      const pair = await connectPair(stage.actor, '127.0.0.1');
      const made = await together(100, () =>
        stage.actor.background('burst', 20, '10.77.0.1', 80, 0, 0, 'unreachable'),
      );
      await closePair(pair);
      assert.equal(made.length, 2000);
      assertStories((await tracer.stop()).events, made, ['fail undefined']);
    });

  it('stopped reader: reported and lost events equal all events', async () => {
    await using tracer = await Tracer.start(['--buffer-size', '64K', ...own()]);
    tracer.signal('SIGSTOP');
    const count = 3000;
    await burst(stage.actor, server, count, 0);
    tracer.signal('SIGCONT');
    const {events, code, stderr} = await tracer.stop();
    assert.equal(code, 0);
    const reported = events.filter(({event}) => event !== 'lost').length;
    assert(lost(events) > 0, 'events were lost');
    assert.equal(reported + lost(events), 4 * count);
    assert.match(stderr, new RegExp(`\\b${String(lost(events))} lost\\b`));
  });

  it('stopped reader: times are those of the events', async () => {
    await using tracer = await Tracer.start();
    tracer.signal('SIGSTOP');
    const pair = await connectPair(stage.actor, '127.0.0.1');
    await closePair(pair);
    await setTimeout(100);
    tracer.signal('SIGCONT');
    assertPair(await tracer.settled(), pair);
  });

  it('--fail-on-loss: exits with 4 and a message', async () => {
    await using tracer = await Tracer.start(['--buffer-size', '4K', '--fail-on-loss']);
    tracer.signal('SIGSTOP');
    await burst(stage.actor, server, 500, 0);
    tracer.signal('SIGCONT');
    const {code, stderr} = await tracer.stop();
    assert.equal(code, 4);
    assert.match(stderr, /events were lost; raise --buffer-size\n$/);
  });

  it('two tracers report the same events', async () => {
    await using one = await Tracer.start();
    await using two = await Tracer.start();
    const {made, taken, port} = await burst(stage.actor, server, 500, 1);
    const all = [(await one.stop()).events, (await two.stop()).events];
    const [first, second] = all.map((events) =>
      events.filter(({lport, rport}) => lport === port || rport === port),
    );
    assert.equal(first?.length, 2000);
    const identity = ({event, inode, lport, rport, tx_bytes}: TraceEvent): string =>
      [event, inode, lport, rport, tx_bytes].join(' ');
    assert.deepEqual(first.map(identity).sort(), second?.map(identity).sort());
    assert.equal(made.length + taken.length, 1000);
  });

  for (const [count, threads, title] of [
    [200, 1, '200 connections'],
    // with more threads, preempted tasks may occupy all six copies of a program (7.2)
    [2000, 10, '2,000 connections by 10 threads to 10 threads'],
  ] as const)
    it(`${title} with a full connection map: every event that needs no entry`, async () => {
      await using tracer = await Tracer.start(['--max-connections', '1']);
      // keep one connection open, so that the map stays full
      const pair = await connectPair(stage.actor, '127.0.0.1');
      const {made, taken} = await burst(stage.actor, server, count / threads, 0, threads);
      await closePair(pair);
      const {events, stderr} = await tracer.stop();
      assertStories(events, made, ['connect out', 'close out tx=0 rx=0']);
      assertStories(events, taken, ['accept in', 'close in tx=0 rx=0']);
      const [, full] = /^tcptrace: (\d+) connections did not fit in the map/m.exec(stderr) ?? [];
      // both sockets once, and other connections of this host
      assert(Number(full) > 0 && Number(full) < 3 * count, `${String(full)} did not fit`);
      assert.match(stderr, /raise --max-connections/);
    });

  it('unreachable host with a full connection map: fails once', async () => {
    using netns = new Netns();
    using peer = new Netns();
    const cable = new Cable(netns, peer);
    netns.sysctl('ipv4/neigh/test0/retrans_time_ms', '100');
    await using tracer = await Tracer.start(['--max-connections', '1']);
    const pair = await connectPair(stage.actor, '127.0.0.1');
    await stage.actor.do('netns', netns.path);
    const sock = await stage.actor.socket(4);
    assert.equal((await sock.tryConnect(cable.unused, 80)).errno, 'EHOSTUNREACH');
    await sock.close();
    await closePair(pair);
    const fails = eventsOf((await tracer.stop()).events, sock);
    assert.deepEqual(
      fails.map(({event, error}) => [event, error]),
      [['fail', 'EHOSTUNREACH']],
    );
  });

  it('traffic during stop: no partial connections, no false losses', async () => {
    await using server = await Actor.start();
    const listener = await server.listen('127.0.0.1');
    const pids = [stage.actor, server].map(({pid}) => `--pid=${String(pid)}`);
    await using tracer = await Tracer.start(pids);
    const serving = await server.background('serve', listener.fd, 1_000_000);
    const bursting = await stage.actor.background('burst', 1_000_000, '127.0.0.1', listener.port, 0, 0);
    await tracer.waitFor(() => tracer.events.length > 4000, 'connections');
    const {events} = await tracer.stop();
    await stage.actor.do('halt');
    await bursting.join();
    await listener.shutdown('rdwr');
    await serving.join();
    const count = (kind: string): number => events.filter(({event}) => event === kind).length;
    assert.equal(count('lost'), 0);
    assert(
      count('accept') <= count('connect'),
      `${String(count('accept'))} of ${String(count('connect'))} accepted`,
    );
  });
});
