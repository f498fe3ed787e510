/** Preexisting connections, and events around the start and stop of the trace. */
import assert from 'node:assert/strict';
import {setTimeout} from 'node:timers/promises';
import {Actor, type BurstConnection} from '../helpers/actor.js';
import {
  accepted,
  assertEvents,
  assertPair,
  closed,
  closedOld,
  connected,
  eventsOf,
  failed,
  open,
} from '../helpers/expect.js';
import {now} from '../helpers/machine.js';
import {Cable, Netns} from '../helpers/netns.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {Sock} from '../helpers/sock.js';
import {suite} from '../helpers/suite.js';
import {Tracer, type TraceEvent} from '../helpers/tracer.js';

/** Runs before the tracer starts; returns the rest of the test. */
type Preparation = (
  actor: Actor,
  use: <T extends Disposable>(it: T) => T,
) => Promise<(tracer: Tracer) => Promise<void>>;

/** Defines a suite whose preparations all run before its tracer starts. */
function preexistingSuite(
  title: string,
  args: readonly string[],
  preparations: Readonly<Record<string, Preparation>>,
): void {
  suite(title, () => {
    const actors: Actor[] = [];
    const things: Disposable[] = [];
    const tests = new Map<string, (tracer: Tracer) => Promise<void>>();
    let tracer: Tracer | undefined;

    const use = <T extends Disposable>(thing: T): T => {
      things.push(thing);
      return thing;
    };
    before(async () => {
      for (const [name, prepare] of Object.entries(preparations)) {
        const actor = await Actor.start();
        actors.push(actor);
        tests.set(name, await prepare(actor, use));
      }
      tracer = await Tracer.start(args);
    });
    after(async () => {
      await tracer?.[Symbol.asyncDispose]();
      for (const actor of actors) await actor[Symbol.asyncDispose]();
      for (const thing of things) thing[Symbol.dispose]();
    });
    for (const name of Object.keys(preparations)) {
      it(name, async () => {
        assert(tracer);
        await tests.get(name)?.(tracer);
      });
    }
  });
}

function liveOn(address: string): Preparation {
  return async (actor) => {
    const {client, server} = await connectPair(actor, address);
    await client.send(100_000);
    await server.receive(100_000);
    return async (tracer) => {
      await server.send(77);
      await client.receive(77);
      await closePair({client, server});
      const events = await tracer.settled();
      assertEvents(events, client, closedOld(client, 'local'));
      assertEvents(events, server, closedOld(server, 'remote'));
    };
  };
}

preexistingSuite('preexisting state', [], {
  'a connection over IPv4: no duration, all bytes': liveOn('127.0.0.1'),

  'a connection over IPv6': liveOn('::1'),

  'in another namespace, closed by the exit of its process': async (actor, use) => {
    const netns = use(new Netns());
    await actor.do('netns', netns.path);
    await actor.setComm('in a netns');
    await actor.setUid(4242);
    const {client, server} = await connectPair(actor, '127.0.0.1');
    return async (tracer) => {
      await client.closeBy(actor.who, async () => actor.kill());
      server.closed = client.closed;
      const events = await tracer.settled();
      for (const sock of [client, server]) {
        const [seen] = eventsOf(events, sock);
        assertEvents(events, sock, closedOld(sock, seen?.ended_by === 'local' ? 'local' : 'remote'));
      }
    };
  },

  'a reset connection with an open descriptor': async (actor) => {
    const {client, server} = await connectPair(actor, '127.0.0.1');
    await server.set('linger', 0);
    await server.close();
    await client.poll('hup');
    return async (tracer) => {
      await client.close();
      assertEvents(await tracer.settled(), client, closedOld(client, 'remote-reset'));
    };
  },

  'a connection with FINs in both directions and open descriptors': async (actor) => {
    const {client, server} = await connectPair(actor, '127.0.0.1');
    await client.send(5);
    await server.receive(5);
    await server.send(70);
    await client.receive(70);
    await client.shutdown('wr');
    await server.drain();
    await server.shutdown('wr');
    await client.drain();
    await server.poll('hup');
    return async (tracer) => {
      await closePair({client, server});
      const events = await tracer.settled();
      // whose FIN came first is unknown
      assertEvents(events, client, closedOld(client, 'local', {ended_by: undefined}));
      assertEvents(events, server, closedOld(server, 'remote', {ended_by: undefined}));
    };
  },

  'a connection with a closed listener: the direction is known': async (actor) => {
    const {client, server, listener} = await connectPair(actor, '127.0.0.1');
    await listener.close();
    return async (tracer) => {
      await client.close();
      await server.close();
      const events = await tracer.settled();
      assertEvents(events, client, closedOld(client, 'local'));
      assertEvents(events, server, closedOld(server, 'remote'));
    };
  },

  'blocked in accept()': async (actor) => {
    const listener = await actor.listen('127.0.0.1');
    const job = await actor.background('accept', listener.fd);
    await job.blocked();
    return async (tracer) => {
      const client = await actor.socket(4);
      await client.connect('127.0.0.1', listener.port);
      const server = Sock.accepted(actor, await job.join());
      await closePair({client, server});
      const events = await tracer.settled();
      assertPair(events, {client, server});
    };
  },

  'waiting in the backlog': async (actor) => {
    const listener = await actor.listen('127.0.0.1');
    const client = await actor.socket(4);
    await client.connect('127.0.0.1', listener.port);
    await client.send(1000);
    return async (tracer) => {
      const server = await listener.accept();
      await server.receive(1000);
      await closePair({client, server});
      const events = await tracer.settled();
      assertEvents(events, server, accepted(server), closed(server, 'remote'));
      assertEvents(events, client, closedOld(client, 'local'));
    };
  },

  'a SYN in flight: connect or fail': async (actor, use) => {
    const [netns, peer] = [use(new Netns()), use(new Netns())];
    const cable = new Cable(netns, peer);
    await actor.do('netns', peer.path);
    const listener = await actor.listen(cable.b.address);
    cable.cut();
    await actor.do('netns', netns.path);
    const good = await actor.socket(4, 'nonblock');
    const bad = await actor.socket(4, 'nonblock');
    await good.tryConnect(cable.b.address, listener.port);
    await bad.tryConnect(cable.b.address, 1);
    return async (tracer) => {
      cable.join();
      assert.equal(await good.outcome(), '0');
      assert.equal(await bad.outcome(), 'ECONNREFUSED');
      const retransmitted = netns.retransmitted();
      await good.close();
      await bad.close();
      const events = await tracer.settled();
      const [ofGood, ofBad] = [good, bad].map((sock) => {
        const syn_retrans = Number(eventsOf(events, sock)[0]?.syn_retrans);
        return {latency_us: undefined, syn_retrans};
      });
      assert(ofGood && ofBad);
      // the namespace counts the retransmissions of both sockets
      assert.equal(ofGood.syn_retrans + ofBad.syn_retrans, retransmitted);
      const closing = closed(good, 'local', {retrans: ofGood.syn_retrans});
      assertEvents(events, good, connected(good, ofGood), closing);
      assertEvents(events, bad, failed(bad, 'ECONNREFUSED', {...ofBad, laddr: cable.a.address}));
    };
  },
});

preexistingSuite('--event open', ['--event', 'open'], {
  'reports each connection once': async (actor) => {
    const {client, server, listener} = await connectPair(actor, '::1');
    const idle = await actor.socket(4);
    const raw = await actor.socket(4, 'raw');
    await raw.connect('127.0.0.1', 0);
    return async (tracer) => {
      await tracer.waitForEvent(client, 'open');
      await tracer.waitForEvent(server, 'open');
      await client.close();
      const {events} = await tracer.stop();
      assert.deepEqual(eventsOf(events, listener, idle, raw), []);
      assertEvents(events, client, open(client));
      assertEvents(events, server, open(server));
    };
  },
});

suite('--event open of a connection that several processes hold', (stage) => {
  it('reports it once, for the selected process', async () => {
    const {client, server} = await connectPair(stage.actor, '127.0.0.1');
    await using child = await stage.actor.fork();
    await using tracer = await Tracer.start(['--event', 'open', '--pid', String(child.pid)]);
    const {events, stderr} = await tracer.stop();
    assert.doesNotMatch(stderr, /no room/);
    assert.deepEqual(
      events.map(({event, pid, inode}) => [event, pid, inode]),
      [client, server].map(({inode}) => ['open', child.pid, inode]),
    );
  });
});

suite('--event open with more connections than the ring buffer holds', (stage) => {
  it('reports each connection once', async () => {
    const {fd, port} = await stage.actor.listen('127.0.0.1');
    const pairs = 200;
    await stage.actor.do('hold', fd, pairs, '127.0.0.1', port);
    const args = ['--event', 'open', '--pid', String(stage.actor.pid), '--buffer-size', '4K'];
    await using tracer = await Tracer.start(args);
    const {events} = await tracer.stop();
    const inodes = new Set(events.map(({event, inode}) => (event === 'open' ? inode : undefined)));
    assert.deepEqual([events.length, inodes.size], [2 * pairs, 2 * pairs]);
  });
});

/** Events, and a time window in which every probe was attached. */
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

/** Asserts that connections within the window have all events, and others no additional ones. */
function assertComplete(
  {begin, end, events}: Window,
  connections: readonly BurstConnection[],
  kinds: readonly string[],
): void {
  const seen = new Map<number | undefined, string[]>();
  for (const {inode, event} of events) seen.set(inode, [...(seen.get(inode) ?? []), event]);
  let complete = 0;
  for (const [inode, , first, last] of connections) {
    const actual = seen.get(inode) ?? [];
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
  assert(complete > 10, `only ${String(complete)} connections lie in the window`);
}

suite('start and stop during 500 connections per second', (stage) => {
  it('lose no connection in between', async () => {
    await using server = await Actor.start();
    const listener = await server.listen('127.0.0.1');
    const serving = await server.background('serve', listener.fd, 100_000);
    const bursting = await stage.actor.background('burst', 100_000, '127.0.0.1', listener.port, 10, 500);
    const windows = [await traceForASecond(), await traceForASecond()];
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
