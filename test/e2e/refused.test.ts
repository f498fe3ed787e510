/** connect() calls that fail before a packet leaves: each one is one `fail`, with the errno of the application. */
import assert from 'node:assert/strict';
import {mkdirSync, readFileSync, rmdirSync} from 'node:fs';
import {Actor, type Word} from '../helpers/actor.js';
import {type Expected, assertEvents, closed, connected, eventsOf, failed} from '../helpers/expect.js';
import {Netns} from '../helpers/netns.js';
import {connectPair, freePort} from '../helpers/pair.js';
import {Sock} from '../helpers/sock.js';
import {skip, tracedSuite} from '../helpers/suite.js';

/** The socket has no address of its own yet, and has sent no SYN. */
const NO_SOURCE = {laddr: undefined, lport: undefined, syn_retrans: undefined};

const ROUTES = {
  blackhole: 'EINVAL',
  unreachable: 'EHOSTUNREACH',
  prohibit: 'EACCES',
  throw: 'ENETUNREACH',
} as const;

/** A namespace with one route of each kind: 10.N.0.0/16 and fd00:N::/32, N from 80 on. */
async function enterRoutes(actor: Actor): Promise<Netns> {
  const netns = new Netns();
  netns.addAddress('lo', '10.66.0.1/24');
  netns.addAddress('lo', 'fd66::1/64');
  for (const [index, kind] of Object.keys(ROUTES).entries()) {
    netns.ip('route', 'add', kind, `10.${String(80 + index)}.0.0/16`);
    netns.ip('-6', 'route', 'add', kind, `fd00:${String(80 + index)}::/32`);
  }
  await actor.do('netns', netns.path);
  return netns;
}

/** Two sockets bound to the same address and port, of which the first is connected to the listener. */
async function connectFirst(actor: Actor): Promise<Readonly<Record<'listener' | 'first' | 'second', Sock>>> {
  const listener = await actor.listen('127.0.0.1');
  const first = await actor.socket(4);
  const second = await actor.socket(4);
  await first.set('reuseaddr', 1);
  await second.set('reuseaddr', 1);
  await first.bind('127.0.0.1');
  await second.bind('127.0.0.1', first.port);
  await first.connect('127.0.0.1', listener.port);
  return {listener, first, second};
}

tracedSuite('connect() refused at once', (stage) => {
  async function refuse(
    sock: Sock,
    error: string,
    address: string,
    port = 80,
    overrides = {},
  ): Promise<Expected> {
    assert.equal((await sock.tryConnect(address, port)).errno, error);
    return failed(sock, error, overrides);
  }

  for (const [index, [kind, error]] of Object.entries(ROUTES).entries()) {
    it(`by a ${kind} route: ${error}`, async () => {
      using netns = await enterRoutes(stage.actor);
      const address = `10.${String(80 + index)}.0.1`;
      const four = await stage.actor.socket(4);
      const six = await stage.actor.socket(6);
      const mapped = await stage.actor.socket(6);
      const expected = [
        await refuse(four, error, address, 80, NO_SOURCE),
        await refuse(six, error, `fd00:${String(80 + index)}::1`, 80, NO_SOURCE),
        await refuse(mapped, error, `::ffff:${address}`, 80, NO_SOURCE),
      ];
      const events = await stage.tracer.settled();
      for (const [place, sock] of [four, six, mapped].entries())
        assertEvents(events, sock, expected[place] as Expected);
      assert.ok(netns.inode);
    });
  }

  it('for its arguments is no event', async () => {
    using netns = await enterRoutes(stage.actor);
    const four = await stage.actor.socket(4);
    const six = await stage.actor.socket(6);
    const calls: [string, readonly Word[]][] = [
      ['EINVAL', ['connect_len', four.fd, '10.80.0.1', 80, 15]],
      ['EINVAL', ['connect_len', six.fd, 'fd00:80::1', 80, 23]],
      ['EINVAL', ['connect_len', four.fd, '10.80.0.1', 80, 129]],
      ['EAFNOSUPPORT', ['connect_len', four.fd, 'fd00:80::1', 80, 28]],
      ['EBADF', ['connect_len', 999, '10.80.0.1', 80, 16]],
    ];
    for (const [error, words] of calls) assert.equal((await stage.actor.call(...words)).errno, error);
    const events = await stage.tracer.settled();
    assertEvents(events, four);
    assertEvents(events, six);
    assert.ok(netns.inode);
  });

  it('because the same connection exists: EADDRNOTAVAIL', async () => {
    const {listener, first, second} = await connectFirst(stage.actor);
    const expected = await refuse(second, 'EADDRNOTAVAIL', '127.0.0.1', listener.port, {
      laddr: '127.0.0.1',
      lport: first.port,
    });
    await second.close();
    assertEvents(await stage.tracer.settled(), second, expected);
  });

  it('by Landlock: EACCES', async function () {
    const answer = await stage.actor.call('landlock');
    if (answer.errno !== undefined) skip(this, `no Landlock for TCP here: ${answer.errno}`);
    const four = await stage.actor.socket(4);
    const six = await stage.actor.socket(6);
    const expected = [
      await refuse(four, 'EACCES', '127.0.0.1', 22, NO_SOURCE),
      await refuse(six, 'EACCES', '::1', 22, NO_SOURCE),
    ];
    const events = await stage.tracer.settled();
    assertEvents(events, four, expected[0] as Expected);
    assertEvents(events, six, expected[1] as Expected);
  });

  it("by a cgroup's BPF program: EPERM", async function () {
    const [, mount] = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/self/mounts', 'utf8')) ?? [];
    if (mount === undefined) skip(this, 'no cgroup 2 is mounted here');
    const path = `${mount}/tcptrace-test-${String(process.pid)}`;
    mkdirSync(path);
    try {
      await stage.actor.do('deny_cgroup', path);
      const sock = await stage.actor.socket(4);
      const expected = await refuse(sock, 'EPERM', '127.0.0.1', 22, NO_SOURCE);
      assertEvents(await stage.tracer.settled(), sock, expected);
    } finally {
      await stage.actor[Symbol.asyncDispose]();
      rmdirSync(path);
    }
  });

  it('by a seccomp filter is no event, because connect() never ran', async () => {
    const sock = await stage.actor.socket(4);
    await stage.actor.do('seccomp_connect');
    assert.equal((await sock.tryConnect('127.0.0.1', 80)).errno, 'ENETUNREACH');
    assertEvents(await stage.tracer.settled(), sock);
  });

  describe('on a socket that failed before', () => {
    async function failTwice(between: (sock: Sock, port: number) => Promise<void>): Promise<void> {
      using netns = await enterRoutes(stage.actor);
      const port = await freePort(stage.actor, '127.0.0.1');
      const sock = await stage.actor.socket(4, 'nonblock');
      await sock.tryConnect('127.0.0.1', port);
      await stage.actor.do('poll', sock.fd, 'out');
      await between(sock, port);
      assert.equal((await sock.tryConnect('10.81.0.1', 80)).errno, 'EHOSTUNREACH');
      assert.deepEqual(
        eventsOf(await stage.tracer.settled(), sock).map(({event, error, raddr, rport}) => [
          event,
          error,
          raddr,
          rport,
        ]),
        [
          ['fail', 'ECONNREFUSED', '127.0.0.1', port],
          ['fail', 'EHOSTUNREACH', '10.81.0.1', 80],
        ],
      );
      assert.ok(netns.inode);
    }

    it('with the error read by SO_ERROR', async () =>
      failTwice(async (sock) => {
        assert.equal(await sock.outcome(), 'ECONNREFUSED');
        await sock.disconnect();
      }));

    it('with the error returned by a second connect()', async () =>
      failTwice(async (sock, port) => {
        const again = await stage.actor.call('connect', sock.fd, '127.0.0.1', port);
        assert.equal(again.errno, 'ECONNREFUSED');
      }));

    it('with a disconnect by AF_UNSPEC', async () => failTwice(async (sock) => sock.disconnect()));
  });

  it('after a connection that was reset and disconnected: close, then fail', async () => {
    using netns = await enterRoutes(stage.actor);
    const listener = await stage.actor.listen('127.0.0.1');
    const sock = await stage.actor.socket(4);
    await sock.connect('127.0.0.1', listener.port);
    const server = await listener.accept();
    await server.set('linger', 0);
    await server.close();
    await sock.poll('hup');
    await sock.disconnect();
    const first = connected(sock);
    const answer = await stage.actor.call('connect', sock.fd, '10.81.0.1', 80);
    assert.equal(answer.errno, 'EHOSTUNREACH');
    sock.closed = {who: stage.actor.who, ...answer};
    const second = closed(sock, 'remote-reset');
    sock.connecting('10.81.0.1', 80, answer);
    const events = await stage.tracer.settled();
    const third = failed(sock, 'EHOSTUNREACH', {
      laddr: undefined,
      lport: sock.local?.port,
      syn_retrans: undefined,
    });
    assertEvents(events, sock, first, second, third);
    assert.ok(netns.inode);
  });

  it('by sendto(MSG_FASTOPEN), then connected by another process: no stale owner', async () => {
    const {listener, second} = await connectFirst(stage.actor);
    const refused = await stage.actor.call('fastopen', second.fd, '127.0.0.1', listener.port, 1);
    assert.equal(refused.errno, 'EADDRNOTAVAIL');
    const other = await stage.actor.listen('127.0.0.1');
    await using child = await stage.actor.fork();
    const answer = await child.do('connect', second.fd, '127.0.0.1', other.port);
    const events = (await stage.tracer.settled()).filter(({inode}) => inode === second.inode);
    assert.deepEqual(
      events.map(({event, pid, rport}) => [event, pid, rport]),
      [
        ['fail', stage.actor.pid, listener.port],
        ['connect', child.pid, other.port],
      ],
    );
    const took = Number(answer.after - answer.before) / 1000;
    assert.ok(Number(events[1]?.latency_us) <= took);
    assert.ok([undefined, 'EADDRNOTAVAIL'].includes(events[0]?.error as string | undefined));
  });
});

tracedSuite('a connection that TCP_REPAIR restores', (stage) => {
  it('has the bytes of the restored socket, without a SYN', async () => {
    // alone in a namespace: elsewhere another process may take the port before it is bound again
    using home = new Netns();
    await using actor = await Actor.start();
    await actor.do('netns', home.path);
    const {client, server} = await connectPair(actor, '127.0.0.1');
    await client.send(100);
    await server.receive(100);
    const restored = new Sock(actor, await actor.do('restore', client.fd));
    await restored.send(1000);
    await server.receive(1000);
    await server.send(77);
    await restored.receive(77);
    await restored.close();
    const events = eventsOf(await stage.tracer.settled(), restored);
    assert.deepEqual(
      events.map(({event, tx_bytes: tx, rx_bytes: rx}) => [event, tx, rx]),
      [
        ['connect', undefined, undefined],
        ['close', 1000, 77],
      ],
    );
  });
});
