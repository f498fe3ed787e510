/** The flow: equal at both endpoints of a connection, and a hash of its initial sequence numbers. */
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {list} from '#dist/sources/sockets.js';
import {Actor} from '../helpers/actor.js';
import {eventsOf} from '../helpers/expect.js';
import {hasProgram} from '../helpers/machine.js';
import {Cable, Netns} from '../helpers/netns.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {siphash} from '../helpers/siphash.js';
import {Sock} from '../helpers/sock.js';
import {skip, suite, tracedSuite} from '../helpers/suite.js';
import {Tracer, type TraceEvent} from '../helpers/tracer.js';

const KEY = createHash('sha256').update('tcptrace flow').digest().subarray(0, 16);

/** Reads the sequence numbers of the socket, and computes the flow as docs/flow.md describes it. */
async function flowOf(sock: Sock): Promise<string> {
  const {sequence} = await sock.actor.do('sequence', sock.fd);
  assert(sequence);
  const [ours, theirs] = [sequence[0] - sock.sent - 1, sequence[1] - sock.received - 1].map((it) => it >>> 0);
  assert(ours !== undefined && theirs !== undefined);
  const message = Buffer.alloc(8);
  message.writeUInt32LE(Math.min(ours, theirs), 0);
  message.writeUInt32LE(Math.max(ours, theirs), 4);
  return siphash(KEY, message).toString(16).padStart(16, '0');
}

/** Returns `EVENT FLOW` of each event of a socket. */
function flows(events: readonly TraceEvent[], sock: Sock): readonly string[] {
  return eventsOf(events, sock).map(({event, flow}) => `${event} ${String(flow)}`);
}

/** Asserts connect, accept and both closes with this flow. */
function assertFlow(events: readonly TraceEvent[], client: Sock, server: Sock, flow: string): void {
  assert.deepEqual(
    [...flows(events, client), ...flows(events, server)],
    ['connect', 'close', 'accept', 'close'].map((event) => `${event} ${flow}`),
  );
}

async function transfer({client, server}: {readonly client: Sock; readonly server: Sock}): Promise<void> {
  await client.send(100_000);
  await server.receive(100_000);
  await server.send(77);
  await client.receive(77);
}

it('SipHash of the tests: the vector of the paper', () => {
  const bytes = (length: number): Uint8Array => Uint8Array.from({length}, (_, index) => index);
  assert.equal(siphash(bytes(16), bytes(15)), 0xa129ca6149be45e5n);
});

tracedSuite('flow', (stage) => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`is the hash of both initial sequence numbers, ${address}`, async () => {
      const pair = await connectPair(stage.actor, address);
      const flow = await flowOf(pair.client);
      assert.equal(await flowOf(pair.server), flow);
      await transfer(pair);
      assert.equal(await flowOf(pair.server), flow);
      await closePair(pair);
      assertFlow(await stage.tracer.settled(), pair.client, pair.server, flow);
    });
  }

  it('of a connection to the socket itself', async () => {
    const sock = await stage.actor.socket(4);
    await sock.bind('127.0.0.1');
    await sock.connect('127.0.0.1', sock.port);
    const flow = await flowOf(sock);
    await sock.close();
    assert.deepEqual(flows(await stage.tracer.settled(), sock), [`connect ${flow}`, `close ${flow}`]);
  });

  it('of a simultaneous open', async () => {
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
    const flow = await flowOf(a);
    await closePair({client: a, server: b});
    const events = await stage.tracer.settled();
    for (const sock of [a, b]) assert.deepEqual(flows(events, sock), [`connect ${flow}`, `close ${flow}`]);
  });

  it('with SYN cookies', async () => {
    using netns = new Netns();
    netns.sysctl('ipv4/tcp_syncookies', '2');
    await stage.actor.do('netns', netns.path);
    const pair = await connectPair(stage.actor, '127.0.0.1');
    const flow = await flowOf(pair.client);
    await transfer(pair);
    await closePair(pair);
    assertFlow(await stage.tracer.settled(), pair.client, pair.server, flow);
  });

  it('with TCP Fast Open, accepted before the handshake is complete', async () => {
    using netns = new Netns();
    // client, server, and both without a cookie
    netns.sysctl('ipv4/tcp_fastopen', String(0x1 | 0x2 | 0x4 | 0x200));
    await stage.actor.do('netns', netns.path);
    const listener = await stage.actor.listen('127.0.0.1', {set: ['fastopen']});
    const client = await stage.actor.socket(4);
    client.connecting(
      '127.0.0.1',
      listener.port,
      await stage.actor.do('fastopen', client.fd, '127.0.0.1', listener.port, 700),
    );
    client.sent = 700;
    const server = await listener.accept();
    await server.receive(700);
    const flow = await flowOf(client);
    await transfer({client, server});
    await closePair({client, server});
    assertFlow(await stage.tracer.settled(), client, server, flow);
  });

  it('through NAT of both addresses', async function () {
    if (!hasProgram('nft')) skip(this, 'no nft');
    using inside = new Netns();
    using outside = new Netns();
    const cable = new Cable(inside, outside);
    outside.nft(`table ip translate {
      chain destination {
        type nat hook prerouting priority -100
        tcp dport 80 redirect to :8080
      }
      chain source {
        type nat hook input priority 100
        tcp dport 8080 snat to 10.77.0.99:9999
      }
    }`);
    await stage.actor.do('netns', outside.path);
    const listener = await stage.actor.listen(cable.b.address, {port: 8080});
    await stage.actor.do('netns', inside.path);
    const client = await stage.actor.socket(4);
    await client.connect(cable.b.address, 80);
    const server = await listener.accept();
    assert.equal(server.remote?.port, 9999);
    const flow = await flowOf(client);
    await transfer({client, server});
    await closePair({client, server});
    assertFlow(await stage.tracer.settled(), client, server, flow);
  });

  it('absent where TCP_REPAIR restored the connection', async () => {
    using home = new Netns();
    await stage.actor.do('netns', home.path);
    const {client, server} = await connectPair(stage.actor, '127.0.0.1');
    await client.send(100);
    await server.receive(100);
    const restored = new Sock(stage.actor, await stage.actor.do('restore', client.fd));
    await restored.send(1000);
    await restored.close();
    const events = await stage.tracer.settled();
    assert.deepEqual(flows(events, restored), ['connect undefined', 'close undefined']);
  });

  it('of MPTCP is that of its first subflow', async function () {
    const {errno} = await stage.actor.call('socket', 4, 'mptcp');
    if (errno !== undefined) skip(this, `this kernel has no MPTCP: ${errno}`);
    // the second listener makes the client fall back to TCP
    for (const options of [['mptcp'], []]) {
      const listener = await stage.actor.socket(4, ...options);
      await listener.bind('127.0.0.1');
      await stage.actor.do('listen', listener.fd, 8);
      const client = await stage.actor.socket(4, 'mptcp');
      await client.connect('127.0.0.1', listener.port);
      const server = await listener.accept();
      await transfer({client, server});
      await closePair({client, server});
      const events = await stage.tracer.settled();
      const flow = String(eventsOf(events, client)[0]?.flow);
      assert.match(flow, /^[\da-f]{16}$/);
      assertFlow(events, client, server, flow);
    }
  });
});

/** Returns the flows that `tcptrace list` shows of the sockets. */
function listedFlows(...socks: readonly Sock[]): readonly (string | undefined)[] {
  const flowOfInode = new Map(list({source: 'ebpf'}).sockets.map(({inode, flow}) => [inode, flow]));
  return socks.map(({inode}) => flowOfInode.get(inode));
}

suite('flow of preexisting connections', (stage) => {
  it('is in the listing, and not of a listener or before the connection is established', async () => {
    using netns = new Netns();
    using peer = new Netns();
    const cable = new Cable(netns, peer);
    await stage.actor.do('netns', netns.path);
    const {client, server, listener} = await connectPair(stage.actor, '127.0.0.1');
    const flow = await flowOf(client);
    await transfer({client, server});
    cable.cut();
    const connecting = await stage.actor.socket(4, 'nonblock');
    await connecting.tryConnect(cable.b.address, 9);
    assert.deepEqual(listedFlows(client, server, listener, connecting), [flow, flow, undefined, undefined]);
  });

  it('is the same as in an earlier trace', async () => {
    const pair = await connectPair(stage.actor, '127.0.0.1');
    const flow = await flowOf(pair.client);
    await transfer(pair);
    await using tracer = await Tracer.start(['--event', 'open,update,close,fail', '--update', '100ms']);
    await transfer(pair);
    await tracer.waitForEvent(pair.server, 'update');
    await closePair(pair);
    const events = await tracer.settled();
    for (const sock of [pair.client, pair.server])
      for (const line of flows(events, sock)) assert.match(line, new RegExp(`^(open|update|close) ${flow}$`));
    assert.equal(eventsOf(events, pair.server)[0]?.event, 'open');
  });

  it('absent where TCP_REPAIR restored the connection', async () => {
    using home = new Netns();
    await using actor = await Actor.start();
    await actor.do('netns', home.path);
    const {client, server} = await connectPair(actor, '127.0.0.1');
    await client.send(100);
    await server.receive(100);
    const restored = new Sock(actor, await actor.do('restore', client.fd));
    assert.deepEqual(listedFlows(server), [await flowOf(server)]);
    assert.deepEqual(listedFlows(restored), [undefined]);
    await using tracer = await Tracer.start(['--event', 'open,close,fail']);
    await restored.send(1000);
    await restored.close();
    const events = await tracer.settled();
    assert.deepEqual(flows(events, restored), ['open undefined', 'close undefined']);
  });
});
