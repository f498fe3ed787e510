/** Current numbers of live connections. */
import assert from 'node:assert/strict';
import {Actor} from '../helpers/actor.js';
import {eventsOf} from '../helpers/expect.js';
import {kernelIsAtLeast} from '../helpers/machine.js';
import {Cable, Netns} from '../helpers/netns.js';
import {closePair, connectPair, type Pair} from '../helpers/pair.js';
import {skip, suite} from '../helpers/suite.js';
import {Tracer, type TraceEvent} from '../helpers/tracer.js';
import {assertOrder, EVERY, pick, updated, updatesOf} from '../helpers/updates.js';

const MEBIBYTE = 1 << 20;

async function transfer(actor: Actor, {client, server}: Pair, bytes: number): Promise<void> {
  const sending = await actor.background('send', client.fd, bytes);
  await server.receive(bytes);
  await sending.join();
  client.sent += bytes;
}

suite('updates', (stage) => {
  let tracer: Tracer;

  before(async () => {
    tracer = await Tracer.start(EVERY);
  });

  after(async () => tracer[Symbol.asyncDispose]());

  for (const [title, address, to] of [
    ['IPv4', '127.0.0.1', '127.0.0.1'],
    ['IPv6', '::1', '::1'],
    ['IPv4-mapped at the client', '127.0.0.1', '::ffff:127.0.0.1'],
    ['IPv4-mapped at the server', '::', '127.0.0.1'],
  ] as const) {
    it(`have the bytes of both endpoints, ${title}`, async () => {
      const pair = await connectPair(stage.actor, address, {to});
      const {client, server} = pair;
      await transfer(stage.actor, pair, MEBIBYTE);
      await server.send(10_240);
      await client.receive(10_240);
      const last = await updated(tracer, client, {tx_bytes: MEBIBYTE, rx_bytes: 10_240, unacked: 0});
      await updated(tracer, server, {tx_bytes: 10_240, rx_bytes: MEBIBYTE});
      await closePair(pair);
      const events = await tracer.settled();
      for (const sock of [client, server]) {
        const [opening, ...rest] = eventsOf(events, sock);
        assertOrder([opening as TraceEvent, ...rest]);
        const of = ['family', 'laddr', 'lport', 'raddr', 'rport', 'netns', 'direction', 'pid', 'comm', 'uid'];
        for (const update of updatesOf(events, sock))
          assert.deepEqual(pick(update, ...of), pick(opening, ...of));
        const totals = ['tx_bytes', 'rx_bytes', 'retrans'];
        assert.deepEqual(pick(rest.at(-1), ...totals), pick(updatesOf(events, sock).at(-1), ...totals));
        assert.deepEqual(pick(rest.at(-1), 'tx_bytes', 'rx_bytes'), [sock.sent, sock.received]);
      }
      assert.deepEqual(pick(last, 'state', 'tx_queue_bytes'), ['established', 0]);
      for (const name of ['rtt_us', 'rttvar_us', 'min_rtt_us', 'cwnd', 'delivery_rate_bps'])
        assert(Number(last[name]) > 0, name);
    });
  }

  it('come only for connections that have changed', async () => {
    const idle = await connectPair(stage.actor, '127.0.0.1');
    const quiet = await connectPair(stage.actor, '127.0.0.1');
    const busy = await connectPair(stage.actor, '127.0.0.1');
    await transfer(stage.actor, quiet, 100);
    await updated(tracer, quiet.client, {tx_bytes: 100});
    for (let i = 1; i <= 5; i++) {
      await transfer(stage.actor, busy, 1);
      await updated(tracer, busy.client, {tx_bytes: i});
    }
    assert.deepEqual(updatesOf(tracer.events, idle.client), []);
    assert.deepEqual(updatesOf(tracer.events, idle.server), []);
    const ofQuiet = updatesOf(tracer.events, quiet.client).map(({tx_bytes}) => tx_bytes);
    assert.deepEqual(ofQuiet, [100]);
    for (const pair of [idle, quiet, busy]) await closePair(pair);
  });

  it('have the state, with a half-closed connection', async () => {
    const {client, server} = await connectPair(stage.actor, '127.0.0.1');
    await client.shutdown('wr');
    await server.drain();
    await updated(tracer, client, {state: 'fin-wait-2', tx_bytes: 0, rx_bytes: 0});
    await updated(tracer, server, {state: 'close-wait', tx_bytes: 0, rx_bytes: 0});
    await server.close();
    await client.drain();
    await client.close();
    const events = await tracer.settled();
    for (const sock of [client, server]) assertOrder(eventsOf(events, sock));
  });

  it('have the state and the final totals of a connection that was reset while open', async () => {
    const pair = await connectPair(stage.actor, '127.0.0.1');
    await transfer(stage.actor, pair, 1000);
    await pair.client.set('linger', 0);
    await pair.client.close();
    await pair.server.poll('hup');
    await updated(tracer, pair.server, {state: 'closed', rx_bytes: 1000});
    await pair.server.close();
    assertOrder(eventsOf(await tracer.settled(), pair.server));
  });

  it('have the bytes that the application has not read', async () => {
    const {client, server} = await connectPair(stage.actor, '127.0.0.1');
    await client.send(5000);
    await updated(tracer, server, {rx_bytes: 5000, rx_queue_bytes: 5000});
    await client.send(3000);
    await updated(tracer, server, {rx_bytes: 8000, rx_queue_bytes: 8000});
    await server.receive(8000);
    await closePair({client, server});
  });

  it('have the bytes and segments that the peer has not acknowledged, in other namespaces', async () => {
    using here = new Netns();
    using there = new Netns();
    const cable = new Cable(here, there);
    await stage.actor.do('netns', there.path);
    const listener = await stage.actor.listen(cable.b.address);
    await stage.actor.do('netns', here.path);
    const client = await stage.actor.socket(4);
    await client.connect(cable.b.address, listener.port);
    const server = await listener.accept();
    cable.cut();
    await client.send(700);
    const {netns, unacked} = await updated(tracer, client, {tx_bytes: 700, tx_queue_bytes: 700});
    assert.deepEqual([netns, unacked], [here.inode, 1]);
    await tracer.waitFor(
      () => updatesOf(tracer.events, client).some(({retrans}) => Number(retrans) > 0),
      'a retransmission',
    );
    cable.join();
    await server.receive(700);
    await closePair({client, server});
    const events = await tracer.settled();
    for (const sock of [client, server]) assertOrder(eventsOf(events, sock));
  });

  it('of MPTCP have the totals that the kernel counts', async function () {
    const probe = await stage.actor.call('socket', 4, 'mptcp');
    if (probe.errno !== undefined) skip(this, `this kernel has no MPTCP: ${probe.errno}`);
    const listener = await stage.actor.socket(4, 'mptcp');
    await listener.bind('127.0.0.1');
    await stage.actor.do('listen', listener.fd, 8);
    const client = await stage.actor.socket(4, 'mptcp');
    await client.connect('127.0.0.1', listener.port);
    const server = await listener.accept();
    await client.send(1000);
    await server.receive(1000);
    if (kernelIsAtLeast(6, 5)) {
      const update = await updated(tracer, client, {tx_bytes: 1000, state: 'established'});
      assert.deepEqual(pick(update, 'cwnd', 'tx_queue_bytes'), [undefined, undefined]);
      await updated(tracer, server, {rx_bytes: 1000});
    }
    await closePair({client, server});
    assertOrder(eventsOf(await tracer.settled(), client));
  });
});

suite('updates of', (stage) => {
  it('thousands of short connections: none after the close, totals never decrease', async () => {
    await using server = await Actor.start();
    await using tracer = await Tracer.start(['--update', '1ms']);
    const listener = await server.listen('127.0.0.1');
    const serving = await server.background('serve', listener.fd, 2000);
    await stage.actor.do('burst', 2000, '127.0.0.1', listener.port, 5000, 0);
    await serving.join();
    const events = (await tracer.settled()).filter(({lport, rport}) =>
      [lport, rport].includes(listener.port),
    );
    const bySocket = new Map<unknown, TraceEvent[]>();
    for (const event of events) {
      const of = bySocket.get(event.inode) ?? [];
      bySocket.set(event.inode, of);
      of.push(event);
    }
    assert.equal(bySocket.size, 4000);
    for (const of of bySocket.values()) {
      assertOrder(of);
      assert.equal(of.at(-1)?.event, 'close');
    }
    assert(
      events.some(({event}) => event === 'update'),
      'some lived long enough',
    );
  });

  it('a preexisting connection: totals since it began, and the process that holds it', async () => {
    const pair = await connectPair(stage.actor, '127.0.0.1');
    await transfer(stage.actor, pair, 1000);
    await using tracer = await Tracer.start(EVERY);
    const first = await updated(tracer, pair.client, {tx_bytes: 1000});
    assert.deepEqual(pick(first, 'pid', 'comm', 'direction'), [stage.actor.pid, 'actor', 'out']);
    await transfer(stage.actor, pair, 500);
    await updated(tracer, pair.server, {rx_bytes: 1500});
    await closePair(pair);
    const [close] = eventsOf(await tracer.settled(), pair.client).slice(-1);
    assert.deepEqual(pick(close, 'event', 'tx_bytes', 'owner_pid'), ['close', 1500, undefined]);
  });

  it('connections that a filter selects', async () => {
    await using other = await Actor.start();
    await using tracer = await Tracer.start([
      ...EVERY,
      '--event',
      'update',
      '--pid',
      String(stage.actor.pid),
    ]);
    const mine = await connectPair(stage.actor, '127.0.0.1', {server: other});
    const theirs = await connectPair(other, '127.0.0.1');
    await transfer(other, theirs, 1000);
    await mine.client.send(1000);
    await mine.server.receive(1000);
    await updated(tracer, mine.client, {tx_bytes: 1000});
    const {events} = await tracer.stop();
    assert.deepEqual(
      new Set(events.map(({event, inode}) => `${event} ${String(inode)}`)),
      new Set([`update ${String(mine.client.inode)}`]),
    );
  });
});

/** Returns the totals of a process that --stats prints: connects, accepts, fails, closes, bytes sent and received. */
function statsOf(stderr: string, {pid}: Actor): readonly unknown[] {
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  const rows = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const row = rows.find((it) => it.pid === pid) ?? {};
  return ['connects', 'accepts', 'fails', 'closes', 'tx_bytes', 'rx_bytes'].map((name) => row[name]);
}

suite('--stats: bytes of connections that are open at the end,', (stage) => {
  for (const [title, args] of [
    ['without --update', []],
    ['with --update', ['--update', '10m']],
    ['with --count', ['--count', '4']],
  ] as const)
    it(title, async () => {
      const old = await connectPair(stage.actor, '127.0.0.1');
      await transfer(stage.actor, old, 1000);
      await using other = await Actor.start();
      const pids = [stage.actor.pid, other.pid].map(String).join(',');
      await using tracer = await Tracer.start(['--stats', '--pid', pids, ...args]);
      await transfer(stage.actor, old, 500);
      const open = await connectPair(stage.actor, '127.0.0.1', {server: other});
      await transfer(stage.actor, {...open, server: open.server}, 70_000);
      const closed = await connectPair(stage.actor, '127.0.0.1', {server: other});
      await closed.server.send(20);
      await closed.client.receive(20);
      const isCounted = args[0] === '--count';
      if (!isCounted) await closePair(closed);
      const {events, stderr, code} = isCounted ? await tracer.ended() : await tracer.stop();
      assert.equal(code, 0, stderr);
      const closes = isCounted ? 0 : 1;
      const [mine, theirs] = [statsOf(stderr, stage.actor), statsOf(stderr, other)];
      assert.deepEqual(mine, [2, 0, 0, closes, 71_500, 1520]);
      assert.deepEqual(theirs, [0, 2, 0, closes, 20, 70_000]);
      assert.match(stderr, /, 71520 bytes sent, 71520 received, 0 lost, by /);
      const updates = events.filter(({event}) => event === 'update');
      assert.equal(updates.length > 0, args[0] === '--update');
      assert.equal(events.length - updates.length, 4 + 2 * closes);
    });
});
