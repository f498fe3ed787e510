/** The close event: time, process and cause. */
import assert from 'node:assert/strict';
import {Actor} from '../helpers/actor.js';
import {accepted, assertEvents, closed, connected, eventsOf} from '../helpers/expect.js';
import {connectPair, freePort, type Pair} from '../helpers/pair.js';
import {Sock} from '../helpers/sock.js';
import {tracedSuite} from '../helpers/suite.js';

tracedSuite('close', (stage) => {
  async function assertEnds(
    {client, server}: Pair,
    ...[byClient, byServer]: Parameters<typeof closed>[1][]
  ): Promise<void> {
    assert(byClient && byServer);
    const events = await stage.tracer.settled();
    assertEvents(events, client, connected(client), closed(client, byClient));
    assertEvents(events, server, accepted(server), closed(server, byServer));
  }

  /** Asserts that the connection has no close event yet. */
  async function assertOpen(sock: Sock): Promise<void> {
    const seen = eventsOf(await stage.tracer.settled(), sock).map(({event}) => event);
    assert.deepEqual(seen, [sock.direction === 'in' ? 'accept' : 'connect']);
  }

  const pair = async (): Promise<Pair> => connectPair(stage.actor, '127.0.0.1');

  describe('by exit of a process', () => {
    for (const [title, end] of [
      ['exit', async (actor: Actor) => actor.exit()],
      ['SIGKILL', async (actor: Actor) => actor.kill()],
    ] as const) {
      it(title, async () => {
        await using other = await Actor.start();
        const both = await connectPair(other, '127.0.0.1', {server: stage.actor});
        await both.client.closeBy(other.who, async () => end(other));
        await both.server.drain();
        await both.server.close();
        await assertEnds(both, 'local', 'remote');
      });
    }

    it('SIGKILL, of a process with 100 threads and connections', async () => {
      await using other = await Actor.start();
      const listener = await stage.actor.listen('127.0.0.1');
      const clients: Sock[] = [];
      for (let i = 0; i < 100; i++) {
        const client = await other.socket(4);
        await client.connect('127.0.0.1', listener.port);
        clients.push(client);
        await other.background('recv', client.fd, 1);
      }
      await clients[0]?.closeBy(other.who, async () => other.kill());
      const events = await stage.tracer.settled();
      for (const client of clients) {
        client.closed = clients[0]?.closed;
        assertEvents(events, client, connected(client), closed(client, 'local'));
      }
    });
  });

  describe('only of the last reference', () => {
    it('after dup()', async () => {
      const both = await pair();
      const {ret: copy} = await stage.actor.do('dup', both.client.fd);
      await both.client.close();
      await assertOpen(both.client);
      await both.client.close({fd: copy});
      await both.server.drain();
      await both.server.close();
      await assertEnds(both, 'local', 'remote');
    });

    it('after fork(), by the child', async () => {
      const both = await pair();
      await using child = await stage.actor.fork();
      await child.setComm('the child');
      await both.client.close();
      await both.server.close();
      await assertOpen(both.client);
      await assertOpen(both.server);
      await both.client.close({by: child});
      await both.server.drain().catch(() => undefined);
      await both.server.close({by: child});
      await assertEnds(both, 'local', 'remote');
    });

    it('after fork(), by exit of the parent', async () => {
      const both = await pair();
      const child = await stage.actor.fork();
      await child.exit();
      await assertOpen(both.client);
      await both.client.close();
      await both.server.drain();
      await both.server.close();
      await assertEnds(both, 'local', 'remote');
    });

    it('after SCM_RIGHTS, by the receiver', async () => {
      const both = await pair();
      await using child = await stage.actor.fork();
      for (const sock of [both.client, both.server]) await child.do('close', sock.fd);
      await stage.actor.do('give', both.client.fd, child.mailbox);
      await both.client.close();
      const {ret: fd} = await child.do('take', child.mailbox);
      await assertOpen(both.client);
      await both.client.close({by: child, fd});
      await both.server.drain();
      await both.server.close();
      await assertEnds(both, 'local', 'remote');
    });
  });

  describe('after shutdown()', () => {
    it('of one direction', async () => {
      const both = await pair();
      await both.client.shutdown('wr');
      await both.server.drain();
      await both.server.send(5000);
      await both.client.receive(5000);
      await assertOpen(both.client);
      await both.server.close();
      await both.client.drain();
      await assertOpen(both.client);
      await both.client.close();
      await assertEnds(both, 'local', 'remote');
    });

    it('of both directions', async () => {
      const both = await pair();
      await both.client.shutdown('rdwr');
      await assertOpen(both.client);
      await both.server.drain();
      await both.server.shutdown('rdwr');
      await assertOpen(both.server);
      await both.client.close();
      await both.server.close();
      await assertEnds(both, 'local', 'remote');
    });

    it('of both directions by a child, without close', async () => {
      const both = await pair();
      await using child = await stage.actor.fork();
      await child.do('shutdown', both.client.fd, 'rdwr');
      await both.client.close();
      await assertOpen(both.client);
      await both.client.close({by: child});
      await both.server.drain();
      await child.do('close', both.server.fd);
      await both.server.close();
      await assertEnds(both, 'local', 'remote');
    });

    it('for reading, which sends nothing', async () => {
      const both = await pair();
      await both.client.shutdown('rd');
      await both.client.close();
      await both.server.drain();
      await both.server.close();
      await assertEnds(both, 'local', 'remote');
    });
  });

  it('by the peer first', async () => {
    const both = await pair();
    await both.server.close();
    await both.client.drain();
    await both.client.close();
    await assertEnds(both, 'remote', 'local');
  });

  describe('by a reset', () => {
    it('of the client, while the server keeps its descriptor', async () => {
      const both = await pair();
      await both.client.set('linger', 0);
      await both.client.close();
      await both.server.poll('hup');
      await assertOpen(both.server);
      await both.server.close();
      await assertEnds(both, 'local-reset', 'remote-reset');
    });

    it('of the server', async () => {
      const both = await pair();
      await both.server.set('linger', 0);
      await both.server.close();
      await both.client.poll('hup');
      await assertOpen(both.client);
      await both.client.close();
      await assertEnds(both, 'remote-reset', 'local-reset');
    });

    it('because of unread data', async () => {
      const both = await pair();
      await both.client.send(100);
      await both.server.poll('in');
      await both.server.close();
      both.server.received = 100;
      await both.client.poll('hup');
      await both.client.close();
      await assertEnds(both, 'remote-reset', 'local-reset');
    });

    it('because of data after close()', async () => {
      const both = await pair();
      await both.server.close();
      await both.client.poll('rdhup');
      await both.client.send(100);
      await both.client.poll('hup');
      await both.client.close();
      await assertEnds(both, 'remote', 'local');
    });
  });

  it('by connect() to AF_UNSPEC, after shutdown() of both directions', async () => {
    const both = await pair();
    await both.client.shutdown('rdwr');
    await both.server.drain();
    await both.client.disconnect();
    await stage.actor.do('close', both.client.fd);
    await both.server.close();
    await assertEnds(both, 'local', 'remote');
  });

  it('of a connection made with TCP_REPAIR, which sent not even a SYN', async () => {
    const port = await freePort(stage.actor, '127.0.0.1');
    const client = await stage.actor.socket(4);
    await client.set('repair', 1);
    await client.connect('127.0.0.1', port);
    await client.close();
    const closes = eventsOf(await stage.tracer.settled(), client).filter(({event}) => event === 'close');
    assert.deepEqual(
      closes.map(({tx_bytes, rx_bytes}) => [tx_bytes, rx_bytes]),
      [[0, 0]],
    );
  });

  it('by connect() to AF_UNSPEC, after a reset', async () => {
    const both = await pair();
    await both.client.send(100);
    await both.server.receive(100);
    await both.server.set('linger', 0);
    await both.server.close();
    await both.client.poll('hup');
    await both.client.disconnect();
    await assertOpen(both.client);
    await both.client.close();
    await assertEnds(both, 'remote-reset', 'local-reset');
  });

  it('by connect() to AF_UNSPEC after a reset, then connected again', async () => {
    const {client, server, listener} = await pair();
    await client.send(100);
    await server.receive(100);
    await server.set('linger', 0);
    await server.close();
    await client.poll('hup');
    await client.disconnect();
    const again = await stage.actor.do('connect', client.fd, '127.0.0.1', listener.port);
    client.closed = {who: stage.actor.who, ...again};
    const first = [connected(client), closed(client, 'remote-reset')];
    client.connecting('127.0.0.1', listener.port, again);
    client.sent = 0;
    await client.close();
    assertEvents(await stage.tracer.settled(), client, ...first, connected(client), closed(client, 'local'));
  });

  it('of many at once, by close_range()', async () => {
    await using other = await Actor.start();
    const pairs: Pair[] = [];
    for (let i = 0; i < 20; i++) pairs.push(await connectPair(other, '127.0.0.1', {server: stage.actor}));

    async function closeAll(actor: Actor, socks: Sock[]): Promise<void> {
      const fds = socks.map(({fd}) => fd);
      const answer = await actor.do('close_range', Math.min(...fds), Math.max(...fds));
      for (const sock of socks) sock.closed = {who: actor.who, ...answer};
    }
    const clients = pairs.map(({client}) => client);
    const servers = pairs.map(({server}) => server);
    await closeAll(other, clients);
    for (const server of servers) await server.drain();
    await closeAll(stage.actor, servers);

    const events = await stage.tracer.settled();
    for (const {client, server} of pairs) {
      assertEvents(events, client, connected(client), closed(client, 'local'));
      assertEvents(events, server, accepted(server), closed(server, 'remote'));
    }
  });
});
