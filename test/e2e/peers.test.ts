/** --peers: the process at the other endpoint, found by the flow. */
import assert from 'node:assert/strict';
import type {OpenSocket} from '#dist/model/socket.js';
import {list} from '#dist/sources/sockets.js';
import {Actor} from '../helpers/actor.js';
import {eventsOf} from '../helpers/expect.js';
import {hasProgram} from '../helpers/machine.js';
import {Cable, Netns} from '../helpers/netns.js';
import {closePair, connectPair} from '../helpers/pair.js';
import type {Sock} from '../helpers/sock.js';
import {skip, suite} from '../helpers/suite.js';
import {Top, type TopRow} from '../helpers/top.js';
import {Tracer, type TraceEvent} from '../helpers/tracer.js';
import {until} from '../helpers/until.js';

interface Peer {
  readonly peer_pid: number;
  readonly peer_comm: string;
  readonly peer_inode: number;
  readonly peer_netns: number;
}

function peerOf(sock: Sock, who = sock.actor.who): Peer {
  return {peer_pid: who.pid, peer_comm: who.comm, peer_inode: sock.inode, peer_netns: sock.netns};
}

/** Returns the peer of each event of a socket, by kind; undefined if the event names no peer. */
function peers(events: readonly TraceEvent[], sock: Sock): Readonly<Record<string, Peer | undefined>> {
  return Object.fromEntries(
    eventsOf(events, sock).map(({event, peer_pid, peer_comm, peer_inode, peer_netns}) => [
      event,
      peer_pid === undefined ? undefined : ({peer_pid, peer_comm, peer_inode, peer_netns} as Peer),
    ]),
  );
}

function peerFields({peer_pid, peer_comm, peer_inode, peer_netns}: OpenSocket | TopRow): unknown {
  return {peer_pid, peer_comm, peer_inode, peer_netns};
}

/** Connects from namespace `inside` to port 80 of `outside`, which redirects it to the server. */
async function connectThroughNat(
  server: Actor,
  actor: Actor,
  outside: Netns,
  inside: Netns,
): Promise<{readonly client: Sock; readonly accepted: Sock}> {
  const cable = new Cable(inside, outside);
  outside.nft(`table ip translate {
    chain destination {
      type nat hook prerouting priority -100
      tcp dport 80 redirect to :8080
    }
  }`);
  await server.do('netns', outside.path);
  await actor.do('netns', inside.path);
  const listener = await server.listen(cable.b.address, {port: 8080});
  const client = await actor.socket(4);
  await client.connect(cable.b.address, 80);
  return {client, accepted: await listener.accept()};
}

suite('--peers', (stage) => {
  let server: Actor;
  beforeEach(async () => {
    server = await Actor.start();
    await server.setComm('server');
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
  });

  it('names the process at the other endpoint, from accept on', async () => {
    await using tracer = await Tracer.start(['--peers']);
    const pair = await connectPair(stage.actor, '127.0.0.1', {server});
    await closePair(pair);
    const events = await tracer.settled();
    const [client, accepting] = [peerOf(pair.client), peerOf(pair.server)];
    assert.deepEqual(peers(events, pair.server), {accept: client, close: client});
    // connect is over before accept() is called
    assert.deepEqual(peers(events, pair.client), {connect: undefined, close: accepting});
  });

  it('finds a client that has closed before accept()', async () => {
    await using tracer = await Tracer.start(['--peers']);
    const listener = await server.listen('127.0.0.1');
    const client = await stage.actor.socket(4);
    await client.connect('127.0.0.1', listener.port);
    await client.close();
    const accepted = await listener.accept();
    await accepted.drain();
    await accepted.close();
    const peer = peerOf(client);
    assert.deepEqual(peers(await tracer.settled(), accepted), {accept: peer, close: peer});
  });

  it('of preexisting connections', async () => {
    const pair = await connectPair(stage.actor, '127.0.0.1', {server});
    await using tracer = await Tracer.start(['--peers', '--event', 'close,fail']);
    await closePair(pair);
    const events = await tracer.settled();
    assert.deepEqual(peers(events, pair.client), {close: peerOf(pair.server)});
    assert.deepEqual(peers(events, pair.server), {close: peerOf(pair.client)});
  });

  for (const [title, filter] of [
    ['--pid', () => ['--pid', String(server.pid)]],
    ['--comm', () => ['--comm', 'server']],
    ['--follow', () => ['--pid', String(server.pid), '--follow']],
    ['--event', () => ['--event', 'accept,fail']],
  ] as const)
    it(`is found although ${title} excludes it`, async () => {
      await using tracer = await Tracer.start(['--peers', ...filter()]);
      const pair = await connectPair(stage.actor, '127.0.0.1', {server});
      await closePair(pair);
      const events = title === '--event' ? await tracer.settled() : (await tracer.stop()).events;
      assert.deepEqual(peers(events, pair.server).accept, peerOf(pair.client));
      assert.deepEqual(eventsOf(events, pair.client), []);
    });

  it('in another network namespace, through NAT', async function () {
    if (!hasProgram('nft')) skip(this, 'no nft');
    using inside = new Netns();
    using outside = new Netns();
    await using tracer = await Tracer.start(['--peers']);
    const {client, accepted} = await connectThroughNat(server, stage.actor, outside, inside);
    await closePair({client, server: accepted});
    const events = await tracer.settled();
    assert.equal(peers(events, client).close?.peer_netns, outside.inode);
    assert.deepEqual(peers(events, client).close, peerOf(accepted));
    assert.deepEqual(peers(events, accepted).accept, peerOf(client));
  });

  it('of a connection to the socket itself: itself', async () => {
    await using tracer = await Tracer.start(['--peers']);
    const sock = await stage.actor.socket(4);
    await sock.bind('127.0.0.1');
    await sock.connect('127.0.0.1', sock.port);
    await sock.close();
    const peer = peerOf(sock);
    assert.deepEqual(peers(await tracer.settled(), sock), {connect: peer, close: peer});
  });

  it('of listed sockets, through NAT, though a filter excludes the other endpoint', async function () {
    if (!hasProgram('nft')) skip(this, 'no nft');
    using outside = new Netns();
    using inside = new Netns();
    const {client, accepted} = await connectThroughNat(server, stage.actor, outside, inside);
    const found = list({source: 'ebpf', peers: true, filter: {pids: [server.pid]}}).sockets;
    assert.deepEqual(
      found.filter(({raddr}) => raddr !== undefined).map((socket) => peerFields(socket)),
      [peerOf(client)],
    );
    const [opener] = list({source: 'ebpf', peers: true, filter: {pids: [stage.actor.pid]}}).sockets;
    assert.deepEqual(opener && peerFields(opener), peerOf(accepted));
  });

  it('of rows of top: of old connections, through NAT, and of new ones', async function () {
    if (!hasProgram('nft')) skip(this, 'no nft');
    using outside = new Netns();
    using inside = new Netns();
    const {client, accepted} = await connectThroughNat(server, stage.actor, outside, inside);
    await using top = await Top.start('--peers', '--pid', String(stage.actor.pid), '--interval', '100ms');
    const young = await connectPair(stage.actor, '127.0.0.1');
    await young.client.send(5);
    await young.server.receive(5);
    const rowOf = ({inode}: Sock): TopRow | undefined =>
      top.rows.findLast((row) => row.inode === inode && row.peer_pid !== undefined);
    const pairs = [
      [client, accepted],
      [young.client, young.server],
      [young.server, young.client],
    ] as const;
    await until(() => pairs.every(([sock]) => rowOf(sock) !== undefined), 'all peers');
    await top.stop();
    for (const [sock, peer] of pairs) assert.deepEqual(peerFields(rowOf(sock) ?? {}), peerOf(peer));
  });

  it('is absent if the other endpoint is on no socket of this host, or restored', async () => {
    using home = new Netns();
    await stage.actor.do('netns', home.path);
    await server.do('netns', home.path);
    const pair = await connectPair(stage.actor, '127.0.0.1', {server});
    await stage.actor.do('restore', pair.client.fd);
    await using tracer = await Tracer.start(['--peers', '--event', 'close,fail']);
    await pair.server.close();
    assert.deepEqual(peers(await tracer.settled(), pair.server), {close: undefined});
  });
});
