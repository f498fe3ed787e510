/** Results of connect(). */
import assert from 'node:assert/strict';
import {assertEvents, closed, connected, eventsOf, failed} from '../helpers/expect.js';
import {Cable, Netns} from '../helpers/netns.js';
import {connectPair, freePort} from '../helpers/pair.js';
import type {Sock} from '../helpers/sock.js';
import {tracedSuite} from '../helpers/suite.js';

// A failed connect() clears the source address of the socket (inet_reset_saddr()), so tests state it.

/** Unknown without a route. */
const NO_SOURCE = {laddr: undefined, lport: undefined};

tracedSuite('connect', (stage) => {
  it('non-blocking', async () => {
    const listener = await stage.actor.listen('127.0.0.1');
    const sock = await stage.actor.socket(4, 'nonblock');
    await sock.connectAndPoll('127.0.0.1', listener.port);
    await sock.close();
    assertEvents(await stage.tracer.settled(), sock, connected(sock), closed(sock, 'local'));
  });

  for (const [family, address] of [
    [4, '127.0.0.1'],
    [6, '::1'],
  ] as const) {
    it(`refused, IPv${String(family)}`, async () => {
      const port = await freePort(stage.actor, address);
      const blocking = await stage.actor.socket(family);
      assert.equal((await blocking.tryConnect(address, port)).errno, 'ECONNREFUSED');
      const other = await stage.actor.socket(family, 'nonblock');
      await other.tryConnect(address, port);
      assert.equal(await other.outcome(), 'ECONNREFUSED');
      await blocking.close();
      await other.close();
      const events = await stage.tracer.settled();
      assertEvents(events, blocking, failed(blocking, 'ECONNREFUSED', {laddr: address}));
      assertEvents(events, other, failed(other, 'ECONNREFUSED', {laddr: address}));
    });
  }

  it('whose error is fetched by a second call', async () => {
    const port = await freePort(stage.actor, '127.0.0.1');
    const sock = await stage.actor.socket(4, 'nonblock');
    await sock.tryConnect('127.0.0.1', port);
    const again = await stage.actor.call('connect', sock.fd, '127.0.0.1', port);
    assert.equal(again.errno, 'ECONNREFUSED');
    await sock.close();
    assertEvents(await stage.tracer.settled(), sock, failed(sock, 'ECONNREFUSED'));
  });

  it('refused, then accepted on the same socket', async () => {
    const port = await freePort(stage.actor, '127.0.0.1');
    const sock = await stage.actor.socket(4);
    await sock.tryConnect('127.0.0.1', port);
    const first = failed(sock, 'ECONNREFUSED', {laddr: '127.0.0.1'});
    await stage.actor.listen('127.0.0.1', {port});
    await sock.connect('127.0.0.1', port);
    await sock.close();
    assertEvents(await stage.tracer.settled(), sock, first, connected(sock), closed(sock, 'local'));
  });

  it('without a route', async () => {
    using netns = new Netns();
    await stage.actor.do('netns', netns.path);
    const sock4 = await stage.actor.socket(4);
    const sock6 = await stage.actor.socket(6);
    assert.equal((await sock4.tryConnect('10.77.0.1', 80)).errno, 'ENETUNREACH');
    assert.equal((await sock6.tryConnect('fd00:77::1', 80)).errno, 'ENETUNREACH');
    await sock4.close();
    await sock6.close();
    const events = await stage.tracer.settled();
    assertEvents(events, sock4, failed(sock4, 'ENETUNREACH', NO_SOURCE));
    assertEvents(events, sock6, failed(sock6, 'ENETUNREACH', NO_SOURCE));
  });

  it('no event for a raw socket without a route', async () => {
    using netns = new Netns();
    await stage.actor.do('netns', netns.path);
    const raw = await stage.actor.socket(4, 'raw');
    assert.equal((await raw.tryConnect('10.77.0.1', 80)).errno, 'ENETUNREACH');
    await raw.close();
    assertEvents(await stage.tracer.settled(), raw);
  });

  it('without a route, then with one', async () => {
    using netns = new Netns();
    await stage.actor.do('netns', netns.path);
    const sock = await stage.actor.socket(4);
    await sock.tryConnect('10.77.0.1', 80);
    const first = failed(sock, 'ENETUNREACH', NO_SOURCE);
    netns.ip('address', 'add', '10.77.0.1/24', 'dev', 'lo');
    const listener = await stage.actor.listen('10.77.0.1');
    await sock.connect('10.77.0.1', listener.port);
    await sock.close();
    assertEvents(await stage.tracer.settled(), sock, first, connected(sock), closed(sock, 'local'));
  });

  it('to an unreachable host', async () => {
    using netns = new Netns();
    using peer = new Netns();
    const cable = new Cable(netns, peer);
    netns.sysctl('ipv4/neigh/test0/retrans_time_ms', '100');
    await stage.actor.do('netns', netns.path);
    const sock = await stage.actor.socket(4);
    assert.equal((await sock.tryConnect(cable.unused, 80)).errno, 'EHOSTUNREACH');
    await sock.close();
    assertEvents(await stage.tracer.settled(), sock, failed(sock, 'EHOSTUNREACH', {laddr: cable.a.address}));
  });

  it('that times out', async () => {
    using netns = new Netns();
    using peer = new Netns();
    const cable = new Cable(netns, peer);
    cable.cut();
    await stage.actor.do('netns', netns.path);
    const sock = await stage.actor.socket(4);
    await sock.set('syncnt', 1);
    assert.equal((await sock.tryConnect(cable.b.address, 80)).errno, 'ETIMEDOUT');
    await sock.close();
    const fields = {laddr: cable.a.address, syn_retrans: netns.retransmitted()};
    assert(fields.syn_retrans > 0, 'the SYN was sent again');
    assertEvents(await stage.tracer.settled(), sock, failed(sock, 'ETIMEDOUT', fields));
  });

  describe('canceled by the application', () => {
    async function giveUp(by: (sock: Sock) => Promise<void>): Promise<void> {
      using netns = new Netns();
      using peer = new Netns();
      const cable = new Cable(netns, peer);
      cable.cut();
      await stage.actor.do('netns', netns.path);
      const sock = await stage.actor.socket(4, 'nonblock');
      assert.equal((await sock.tryConnect(cable.b.address, 80)).errno, 'EINPROGRESS');
      await by(sock);
      assertEvents(await stage.tracer.settled(), sock, failed(sock, 'ECANCELED', {}, sock.closed));
    }

    it('by close()', async () => giveUp(async (sock) => sock.close()));

    it('by shutdown()', async () =>
      giveUp(async (sock) => {
        await sock.closeBy(stage.actor.who, async () => sock.shutdown('rdwr'));
        await stage.actor.do('close', sock.fd);
      }));

    it('by connect() to AF_UNSPEC', async () =>
      giveUp(async (sock) => {
        await sock.disconnect();
        await stage.actor.do('close', sock.fd);
      }));

    it('by exit', async () =>
      giveUp(async (sock) => sock.closeBy(stage.actor.who, async () => stage.actor.exit())));

    it('by SIGKILL', async () =>
      giveUp(async (sock) => sock.closeBy(stage.actor.who, async () => stage.actor.kill())));
  });

  it('no event if its arguments are invalid', async () => {
    const {client, listener} = await connectPair(stage.actor, '127.0.0.1');
    const fresh = await stage.actor.socket(4);
    const answers = [
      await stage.actor.call('connect', fresh.fd, '::1', 80),
      await stage.actor.call('connect', client.fd, '127.0.0.1', listener.port),
      await stage.actor.call('connect', listener.fd, '127.0.0.1', listener.port),
    ];
    assert.deepEqual(
      answers.map(({errno}) => errno),
      ['EAFNOSUPPORT', 'EISCONN', 'EISCONN'],
    );
    await fresh.close();
    const events = await stage.tracer.settled();
    assertEvents(events, fresh);
    assertEvents(events, client, connected(client));
    assertEvents(events, listener);
  });

  it('from a bound port, again immediately after a reset', async () => {
    const listener = await stage.actor.listen('127.0.0.1');
    const port = await freePort(stage.actor, '127.0.0.1');
    const socks: Sock[] = [];
    for (let i = 0; i < 3; i++) {
      const sock = await stage.actor.socket(4);
      await sock.bind('127.0.0.1', port);
      await sock.connect('127.0.0.1', listener.port);
      await sock.set('linger', 0);
      await sock.close();
      socks.push(sock);
    }
    const events = await stage.tracer.settled();
    for (const sock of socks) {
      assert.equal(sock.local?.port, port);
      assertEvents(events, sock, connected(sock), closed(sock, 'local-reset'));
    }
  });

  it('to itself', async () => {
    const sock = await stage.actor.socket(4);
    await sock.bind('127.0.0.1');
    await sock.connect('127.0.0.1', sock.port);
    await sock.send(100);
    await sock.receive(100);
    await sock.close();
    assertEvents(await stage.tracer.settled(), sock, connected(sock), closed(sock, 'local'));
  });

  it('simultaneously from both endpoints', async () => {
    using netns = new Netns();
    using peer = new Netns();
    const cable = new Cable(netns, peer);
    cable.cut();
    await stage.actor.do('netns', netns.path);
    const a = await stage.actor.socket(4, 'nonblock');
    await a.bind(cable.a.address, 7001);
    await stage.actor.do('netns', peer.path);
    const b = await stage.actor.socket(4, 'nonblock');
    await b.bind(cable.b.address, 7002);
    await a.tryConnect(cable.b.address, 7002);
    await b.tryConnect(cable.a.address, 7001);
    cable.join();
    assert.deepEqual([await a.outcome(), await b.outcome()], ['0', '0']);
    const [ofA, ofB] = [netns, peer].map((each) => ({syn_retrans: each.retransmitted()}));
    await a.close();
    await b.drain();
    await b.close();
    const events = await stage.tracer.settled();
    assertEvents(events, a, connected(a, ofA), closed(a, 'local'));
    assertEvents(events, b, connected(b, ofB), closed(b, 'remote'));
  });

  it('in a second thread', async () => {
    const listener = await stage.actor.listen('127.0.0.1');
    const sock = await stage.actor.socket(4);
    const job = await stage.actor.background('connect', sock.fd, '127.0.0.1', listener.port);
    sock.connecting('127.0.0.1', listener.port, await job.join());
    assert.notEqual(job.tid, stage.actor.pid);
    await sock.close();
    assertEvents(await stage.tracer.settled(), sock, connected(sock), closed(sock, 'local'));
  });

  it('again after a disconnect by AF_UNSPEC', async () => {
    const listener = await stage.actor.listen('127.0.0.1');
    const sock = await stage.actor.socket(4);
    await sock.connect('127.0.0.1', listener.port);
    await sock.send(100);
    await sock.disconnect();
    const first = [connected(sock), closed(sock, 'local-reset')];
    sock.sent = 0;
    await sock.connect('127.0.0.1', listener.port);
    await sock.close();
    assertEvents(await stage.tracer.settled(), sock, ...first, connected(sock), closed(sock, 'local'));
  });

  it('no event for UDP, listeners and unconnected sockets', async () => {
    const before = (await stage.tracer.settled()).length;
    const listener = await stage.actor.listen('127.0.0.1');
    const fresh = await stage.actor.socket(4);
    const bound = await stage.actor.socket(6);
    await bound.bind('::1');
    for (const sock of [listener, fresh, bound]) await sock.close();
    const events = await stage.tracer.settled();
    assert.deepEqual(eventsOf(events.slice(before), listener, fresh, bound), []);
  });
});
