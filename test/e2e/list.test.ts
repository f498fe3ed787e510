/** Tests listings of open sockets by eBPF and /proc against the state that the processes themselves report. */
import assert from 'node:assert/strict';
import type {SocketFilter} from '#dist/filter/filter.js';
import type {OpenSocket} from '#dist/model/socket.js';
import {list as listSockets} from '#dist/sources/sockets.js';
import {Actor} from '../helpers/actor.js';
import {portIs} from '../helpers/port-filter.js';
import {Cable, Netns} from '../helpers/netns.js';
import {connectPair, type Pair} from '../helpers/pair.js';
import type {Sock} from '../helpers/sock.js';
import {skip, suite} from '../helpers/suite.js';

type Source = OpenSocket['source'];

function list(source: Source, wanted: Partial<SocketFilter> = {}): OpenSocket[] {
  return [...listSockets({source, filter: wanted}).sockets];
}

/** Listens and connects with both ports given, so that only namespace and inode distinguish it from another such pair. */
async function connectAt(actor: Actor, port: number): Promise<Sock[]> {
  const listener = await actor.listen('127.0.0.1', {port});
  const client = await actor.socket(4);
  await client.bind('127.0.0.1', port + 1);
  await client.connect('127.0.0.1', port);
  return [client, await listener.accept(), listener];
}

/** Shuts down the client's side for writing; returns when both endpoints have changed state. */
async function halfClose({client, server}: Pick<Pair, 'client' | 'server'>): Promise<void> {
  await client.shutdown('wr');
  await server.poll('rdhup');
  // the data acknowledges the FIN
  await server.send(1);
  await client.poll('in');
}

/** @param of process that holds the socket */
function held(source: Source, sock: Sock, state: string, of: Actor = sock.actor): Record<string, unknown> {
  const isListener = state === 'listening';
  return {
    source,
    state,
    ...of.who,
    family: sock.family,
    laddr: sock.local?.address,
    lport: sock.local?.port,
    ...(isListener ? {} : {raddr: sock.remote?.address, rport: sock.remote?.port, direction: sock.direction}),
    netns: sock.netns,
    inode: sock.inode,
  };
}

/** Fields that identify a socket, in the order of the listing. */
const IDENTITY = [
  ...[
    'source',
    'state',
    'pid',
    'comm',
    'uid',
    'family',
    'laddr',
    'lport',
    'raddr',
    'rport',
    'netns',
    'inode',
  ],
  'direction',
];

function pick(socket: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(socket).filter(([name, value]) => value !== undefined && names.includes(name)),
  );
}

/** All that is listed of these sockets, whoever holds them. */
function assertListed(source: Source, socks: readonly Sock[], ...wanted: Record<string, unknown>[]): void {
  const inodes = new Set(socks.map(({inode}) => inode));
  const actual = list(source).filter(({inode = 0}) => inodes.has(inode));
  const order = (sockets: readonly object[]): string[] =>
    sockets
      .map((it) => JSON.stringify(Object.entries(pick(it, IDENTITY)).sort(([a], [b]) => (a < b ? -1 : 1))))
      .sort();
  assert.deepEqual(order(actual), order(wanted));
}

for (const source of ['ebpf', 'proc'] as const) {
  suite(`list by ${source}`, (stage) => {
    for (const [name, address, to] of [
      ['IPv4', '127.0.0.1'],
      ['IPv6', '::1'],
      ['IPv4-mapped at both endpoints', '::', '::ffff:127.0.0.1'],
      ['a listener at an IPv4-mapped address', '::ffff:127.0.0.1', '127.0.0.1'],
    ] as const) {
      it(`${name}: both endpoints and the listener`, async () => {
        const {client, server, listener} = await connectPair(stage.actor, address, to && {to});
        assertListed(
          source,
          [client, server, listener],
          held(source, client, 'established'),
          held(source, server, 'established'),
          held(source, listener, 'listening'),
        );
      });
    }

    it('states of a connection that is half closed', async () => {
      const {client, server} = await connectPair(stage.actor, '127.0.0.1');
      await halfClose({client, server});
      assertListed(
        source,
        [client, server],
        held(source, client, 'fin-wait-2'),
        held(source, server, 'close-wait'),
      );
    });

    it('a SYN that is not answered, a FIN that is not', async () => {
      using netns = new Netns();
      using peer = new Netns();
      const cable = new Cable(netns, peer);
      await stage.actor.do('netns', peer.path);
      const listener = await stage.actor.listen(cable.b.address);
      await stage.actor.do('netns', netns.path);
      const ending = await stage.actor.socket(4);
      await ending.connect(cable.b.address, listener.port);
      cable.cut();
      await ending.shutdown('wr');
      const client = await stage.actor.socket(4, 'nonblock');
      await client.tryConnect(cable.b.address, 9);
      assertListed(
        source,
        [client, ending],
        held(source, client, 'syn-sent'),
        held(source, ending, 'fin-wait-1'),
      );
    });

    it('held by two processes, and twice by one of them', async () => {
      const {client} = await connectPair(stage.actor, '127.0.0.1');
      const {ret: copy} = await stage.actor.do('dup', client.fd);
      await using child = await stage.actor.fork();
      assertListed(
        source,
        [client],
        held(source, client, 'established'),
        held(source, client, 'established', child),
      );
      await child.do('close', client.fd);
      const fds = list(source).flatMap(({inode, pid, fds}) => (inode === client.inode ? [[pid, fds]] : []));
      assert.deepEqual(
        new Map(fds as [number, number[]][]),
        new Map([
          [stage.actor.pid, [client.fd, copy].sort((a, b) => a - b)],
          [child.pid, [copy]],
        ]),
      );
    });

    it('passed to another process, then closed by the first', async () => {
      const {client} = await connectPair(stage.actor, '127.0.0.1');
      await using child = await stage.actor.fork();
      await child.do('close', client.fd);
      await stage.actor.do('give', client.fd, child.mailbox);
      await stage.actor.do('close', client.fd);
      // until it is taken, only the message refers to it
      const {direction, ...unheld} = held(source, client, 'established');
      const listed = {...unheld, pid: undefined, comm: undefined, uid: undefined};
      assertListed(source, [client], {...listed, direction: source === 'ebpf' ? direction : 'unknown'});
      await child.do('take', child.mailbox);
      assertListed(source, [client], held(source, client, 'established', child));
    });

    it('in two namespaces with the same addresses and ports, of another user and name', async () => {
      using one = new Netns();
      using two = new Netns();
      await using other = await Actor.start();
      await stage.actor.do('netns', one.path);
      await other.do('netns', two.path);
      await other.setComm('a b\n)');
      await other.setUid(4_000_000_001, 1001);
      const socks = [...(await connectAt(stage.actor, 7000)), ...(await connectAt(other, 7000))];
      assertListed(
        source,
        socks,
        ...socks.map((sock) => held(source, sock, sock.remote === undefined ? 'listening' : 'established')),
      );
    });

    it('MPTCP: the socket that the application holds, once', async function () {
      const {errno} = await stage.actor.call('socket', 4, 'mptcp');
      if (errno !== undefined) skip(this, `this kernel has no MPTCP: ${errno}`);
      const listener = await stage.actor.socket(4, 'mptcp');
      await listener.bind('127.0.0.1');
      await stage.actor.do('listen', listener.fd, 8);
      const client = await stage.actor.socket(4, 'mptcp');
      await client.connect('127.0.0.1', listener.port);
      const server = await listener.accept();
      const seen = list(source).filter(({inode = 0}) => [client.inode, server.inode].includes(inode));
      assert.deepEqual(
        seen.map(({state, pid, lport, rport}) => [state, pid, lport, rport]).sort(),
        [client, server]
          .map(({local, remote}) => ['established', stage.actor.pid, local?.port, remote?.port])
          .sort(),
      );
    });

    it('raw sockets of TCP segments: nothing', async () => {
      for (const [family, address] of [
        [4, '127.0.0.1'],
        [6, '::1'],
      ] as const) {
        const raw = await stage.actor.socket(family, 'raw');
        await raw.connect(address, 0);
        assertListed(source, [raw]);
      }
    });

    it('not bound, bound only, reset, not accepted: nothing', async () => {
      const fresh = await stage.actor.socket(4);
      const bound = await stage.actor.socket(4);
      await bound.bind('127.0.0.1');
      const {client, server} = await connectPair(stage.actor, '127.0.0.1');
      await server.set('linger', 0);
      await server.close();
      await client.poll('hup');
      assertListed(source, [fresh, bound, client, server]);
      const listener = await stage.actor.listen('127.0.0.1');
      const waiting = await stage.actor.socket(4);
      await waiting.connect('127.0.0.1', listener.port);
      const ours = list(source, {pids: [stage.actor.pid], endpoints: [portIs(listener.port)]});
      assert.deepEqual(new Set(ours.map(({inode}) => inode)), new Set([listener.inode, waiting.inode]));
    });

    it('filters, each alone and together; sorted', async () => {
      await using other = await Actor.start();
      const four = await connectPair(stage.actor, '127.0.0.1');
      const six = await connectPair(other, '::1');
      const of = (filter: Parameters<typeof list>[1]): number[] =>
        list(source, filter).map(({inode = 0}) => inode);
      const inodes = (...socks: Sock[]): Set<number> => new Set(socks.map(({inode}) => inode));
      const pids = [stage.actor.pid, other.pid];
      assert.deepEqual(new Set(of({pids: [other.pid]})), inodes(six.client, six.server, six.listener));
      assert.deepEqual(new Set(of({pids, families: [4]})), inodes(four.client, four.server, four.listener));
      assert.deepEqual(
        new Set(of({pids, endpoints: [portIs(four.client.local?.port ?? 0)]})),
        inodes(four.client, four.server),
      );
      assert.deepEqual(of({pids, families: [4], endpoints: [portIs(six.listener.port)]}), []);
      const sorted = list(source, {pids}).map(({pid = 0, lport}) => pid * 65_536 + lport);
      assert.deepEqual(
        sorted,
        sorted.slice().sort((a, b) => a - b),
      );
    });
  });
}

suite('list, by eBPF and /proc', (stage) => {
  it('return the same for the same sockets', async () => {
    await using other = await Actor.start();
    await using child = await stage.actor.fork();
    for (const address of ['127.0.0.1', '::1', '::']) {
      const to = address === '::' ? '::ffff:127.0.0.1' : address;
      await connectPair(stage.actor, address, {to, server: other});
      await halfClose(await connectPair(other, address, {to}));
    }
    const pids = [stage.actor.pid, other.pid, child.pid];
    // --proc has these numbers, too
    const names = [...IDENTITY.slice(1), 'fds', 'cwnd', 'tx_queue_bytes', 'rx_queue_bytes', 'backlog'];
    const [ebpf, proc] = (['ebpf', 'proc'] as const).map((source) =>
      list(source, {pids}).map((socket) => pick(socket, names)),
    );
    // a listener and both endpoints of each pair, twice
    assert.equal(ebpf?.length, 3 * (1 + 1 + 1) + 3 * (1 + 1 + 1));
    assert.deepEqual(ebpf, proc);
  });
});
