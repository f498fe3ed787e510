/** What was there before the tracer, and what happens around its start and end. */
import assert from 'node:assert/strict';
import {setTimeout} from 'node:timers/promises';
import {Actor, type Made} from '../helpers/actor.js';
import {
  assertEvents,
  closed,
  closedOld,
  connected,
  eventsOf,
  failed,
  nanoseconds,
} from '../helpers/expect.js';
import {now} from '../helpers/machine.js';
import {Cable, Netns} from '../helpers/netns.js';
import {connectPair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import {Tracer, type TraceEvent} from '../helpers/tracer.js';

suite('older than the tracer', (stage) => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`connections over ${address}: close has all but duration, bytes from the beginning`, async () => {
      const {client, server} = await connectPair(stage.actor, address);
      await client.send(1_000_000 / 8);
      await server.receive(1_000_000 / 8);
      await using tracer = await Tracer.start();
      await server.send(77);
      await client.receive(77);
      await client.close();
      await server.drain();
      await server.close();
      const events = await tracer.settled();
      assertEvents(events, client, closedOld(client, 'local'));
      assertEvents(events, server, closedOld(server, 'remote'));
    });
  }

  it('a connection in another namespace, and of another process that closes it', async () => {
    using netns = new Netns();
    await using other = await Actor.start();
    await other.do('netns', netns.path);
    await other.setComm('in a netns');
    await other.setUid(4242);
    const {client, server} = await connectPair(other, '127.0.0.1');
    await using tracer = await Tracer.start();
    await client.closeBy(other.who, async () => other.kill());
    server.closed = client.closed;
    const events = await tracer.settled();
    assert.equal(events.filter(({event}) => event === 'close').length, 2);
    for (const sock of [client, server]) {
      const [seen] = eventsOf(events, sock);
      assertEvents(events, sock, closedOld(sock, seen?.ended_by === 'local' ? 'local' : 'remote'));
    }
  });

  it('a connection that ended before, and is closed now', async () => {
    const {client, server} = await connectPair(stage.actor, '127.0.0.1');
    await server.set('linger', 0);
    await server.close();
    await client.poll('hup');
    await using tracer = await Tracer.start();
    await client.close();
    assertEvents(await tracer.settled(), client, closedOld(client, 'remote-reset'));
  });

  it('its listener is gone: the direction is known all the same', async () => {
    const {client, server, listener} = await connectPair(stage.actor, '127.0.0.1');
    await listener.close();
    await using tracer = await Tracer.start();
    await client.close();
    await server.close();
    const events = await tracer.settled();
    assertEvents(events, client, closedOld(client, 'local'));
    assertEvents(events, server, closedOld(server, 'remote'));
  });

  it('a SYN that was sent before gives connect, or fail', async () => {
    using netns = new Netns();
    using peer = new Netns();
    const cable = new Cable(netns, peer);
    await stage.actor.do('netns', peer.path);
    const listener = await stage.actor.listen(cable.b.address);
    cable.cut();
    await stage.actor.do('netns', netns.path);
    const good = await stage.actor.socket(4, 'nonblock');
    const bad = await stage.actor.socket(4, 'nonblock');
    await good.tryConnect(cable.b.address, listener.port);
    await bad.tryConnect(cable.b.address, 1);
    await using tracer = await Tracer.start();
    cable.join();
    assert.equal(await good.outcome(), '0');
    assert.equal(await bad.outcome(), 'ECONNREFUSED');
    await good.close();
    await bad.close();
    const events = await tracer.settled();
    const unknown = {latency_us: undefined};
    assertEvents(events, good, connected(good, unknown), closed(good, 'local'));
    assertEvents(events, bad, failed(bad, 'ECONNREFUSED', {...unknown, laddr: cable.a.address}));
  });

  it('--event open tells them, once', async () => {
    const {client, server, listener} = await connectPair(stage.actor, '::1');
    const idle = await stage.actor.socket(4);
    await using tracer = await Tracer.start(['--event', 'open']);
    await tracer.waitForEvent(client, 'open');
    await tracer.waitForEvent(server, 'open');
    const {events} = await tracer.stop();
    assert.deepEqual(eventsOf(events, listener, idle), []);
    for (const sock of [client, server]) {
      const [event, ...more] = eventsOf(events, sock);
      assert(event);
      assert.deepEqual(more, []);
      const {time, source, ...rest} = event;
      assert(nanoseconds(time) > (sock.opened?.after ?? 0n));
      assert(source !== undefined);
      assert.deepEqual(rest, {
        event: 'open',
        ...stage.actor.who,
        family: 6,
        laddr: '::1',
        lport: sock.port,
        raddr: '::1',
        rport: sock.remote?.port,
        netns: sock.netns,
        inode: sock.inode,
        direction: sock.direction,
      });
    }
  });
});

/** What was traced, and between which two readings of the clock every probe was surely attached. */
interface Window {
  readonly begin: bigint;
  readonly end: bigint;
  readonly events: readonly TraceEvent[];
}

async function traceForASecond(): Promise<Window> {
  await using tracer = await Tracer.start();
  const begin = now();
  await setTimeout(1000);
  const end = now();
  const {events} = await tracer.stop();
  return {begin, end, events};
}

/** Each socket's events, for connections that lie in the window; for others, no more than those. */
function assertComplete(
  {begin, end, events}: Window,
  connections: readonly Made[],
  kinds: readonly string[],
): void {
  let complete = 0;
  for (const [inode, , first, last] of connections) {
    const actual = events.filter((event) => event.inode === inode).map(({event}) => event);
    if (BigInt(first) >= begin && BigInt(last) <= end) {
      assert.deepEqual(actual, kinds);
      complete += 1;
    } else {
      assert.deepEqual(
        actual,
        kinds.filter((kind) => actual.includes(kind)),
      );
    }
  }
  assert(complete > 100, `only ${String(complete)} connections lie in the window`);
}

suite('start and end amid 500 connections a second', (stage) => {
  it('lose none that began and ended in between', async () => {
    await using server = await Actor.start();
    const listener = await server.listen('127.0.0.1');
    const serving = await server.background('serve', listener.fd, 100_000);
    const bursting = await stage.actor.background('burst', 100_000, '127.0.0.1', listener.port, 10, 500);
    const windows = [await traceForASecond(), await traceForASecond(), await traceForASecond()];
    await stage.actor.do('halt');
    const {connections: made = []} = await bursting.join();
    await listener.shutdown('rdwr');
    const {connections: served = []} = await serving.join();
    for (const window of windows) {
      assertComplete(window, made, ['connect', 'close']);
      assertComplete(window, served, ['accept', 'close']);
    }
  });
});
