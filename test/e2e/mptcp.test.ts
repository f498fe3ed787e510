/** MPTCP: events describe the socket of the application, not its subflows. */
import assert from 'node:assert/strict';
import {Actor} from '../helpers/actor.js';
import {accepted, assertEvents, closed, connected, eventsOf, failed} from '../helpers/expect.js';
import {kernelIsAtLeast} from '../helpers/machine.js';
import {Cable, Netns} from '../helpers/netns.js';
import {closePair, freePort, type Pair} from '../helpers/pair.js';
import {skip, tracedSuite} from '../helpers/suite.js';
import type {TraceEvent} from '../helpers/tracer.js';
import {until} from '../helpers/until.js';

/** Kernels before 6.5 do not count them per connection (docs/probes.md). */
const TOTALS = kernelIsAtLeast(6, 5)
  ? {}
  : {tx_bytes: undefined, rx_bytes: undefined, rtt_us: undefined, retrans: undefined};

/** The handshake is that of the first subflow. */
const HANDSHAKE = {accept_delay_us: undefined, syn_retrans: undefined};

/** Asserts the events of an MPTCP client and its server; the client closed first. */
function assertMptcpPair(
  events: readonly TraceEvent[],
  {client, server}: Pick<Pair, 'client' | 'server'>,
): void {
  assertEvents(events, client, connected(client, HANDSHAKE), closed(client, 'local', TOTALS));
  assertEvents(events, server, accepted(server, HANDSHAKE), closed(server, 'remote', TOTALS));
}

tracedSuite('MPTCP', (stage) => {
  before(async function () {
    await using actor = await Actor.start();
    const {errno} = await actor.call('socket', 4, 'mptcp');
    if (errno !== undefined) skip(this, `this kernel has no MPTCP: ${errno}`);
  });

  async function listen(actor: Actor, address: string, ...options: readonly string[]) {
    const listener = await actor.socket(address.includes(':') ? 6 : 4, ...options);
    await listener.bind(address);
    await actor.do('listen', listener.fd, 8);
    return listener;
  }

  async function connect(
    address: string,
    ofClient: readonly string[],
    ofServer: readonly string[],
  ): Promise<Pair> {
    const listener = await listen(stage.actor, address, ...ofServer);
    const client = await stage.actor.socket(listener.family, ...ofClient);
    await client.connect(address, listener.port);
    return {client, server: await listener.accept(), listener};
  }

  for (const address of ['127.0.0.1', '::1']) {
    it(`at client and server, ${address}`, async () => {
      const pair = await connect(address, ['mptcp'], ['mptcp']);
      await pair.client.send(100_000);
      await pair.server.receive(100_000);
      await pair.server.send(10);
      await pair.client.receive(10);
      await closePair(pair);
      assertMptcpPair(await stage.tracer.settled(), pair);
    });
  }

  it('only at the client', async () => {
    const pair = await connect('127.0.0.1', ['mptcp'], []);
    await pair.client.send(1000);
    await pair.server.receive(1000);
    await closePair(pair);
    const events = await stage.tracer.settled();
    assertEvents(
      events,
      pair.client,
      connected(pair.client, HANDSHAKE),
      closed(pair.client, 'local', TOTALS),
    );
    assertEvents(events, pair.server, accepted(pair.server), closed(pair.server, 'remote'));
  });

  it('only at the server', async () => {
    const pair = await connect('127.0.0.1', [], ['mptcp']);
    await pair.client.send(1000);
    await pair.server.receive(1000);
    await closePair(pair);
    const events = await stage.tracer.settled();
    assertEvents(events, pair.client, connected(pair.client), closed(pair.client, 'local'));
    assert.deepEqual(
      eventsOf(events, pair.server).map(({event, pid}) => [event, pid]),
      [
        ['accept', stage.actor.pid],
        ['close', stage.actor.pid],
      ],
    );
  });

  it('refused', async () => {
    const port = await freePort(stage.actor, '127.0.0.1');
    const sock = await stage.actor.socket(4, 'mptcp');
    assert.equal((await sock.tryConnect('127.0.0.1', port)).errno, 'ECONNREFUSED');
    await sock.close();
    const fields = {laddr: '127.0.0.1', syn_retrans: undefined};
    assertEvents(await stage.tracer.settled(), sock, failed(sock, 'ECONNREFUSED', fields));
  });

  it('between network namespaces: no event of a subflow', async () => {
    using here = new Netns();
    using there = new Netns();
    const cable = new Cable(here, there);
    await stage.actor.do('netns', there.path);
    const listener = await listen(stage.actor, cable.b.address6, 'mptcp');
    await stage.actor.do('netns', here.path);
    const client = await stage.actor.socket(6, 'mptcp');
    await client.connect(cable.b.address6, listener.port);
    const server = await listener.accept();
    await closePair({client, server});
    // the kernel frees the subflows later, in a worker
    await until(() => !there.hasSockets(), 'the end of the subflows');
    const events = await stage.tracer.settled();
    const ofPort = events.filter(({lport, rport}) => [lport, rport].includes(listener.port));
    assert.deepEqual(
      ofPort.map(({event, inode}) => [event, inode]),
      [
        ['connect', client.inode],
        ['accept', server.inode],
        ['close', client.inode],
        ['close', server.inode],
      ],
    );
  });

  it('closed by SIGKILL of one process', async () => {
    const other = await stage.actor.fork();
    const listener = await listen(stage.actor, '127.0.0.1', 'mptcp');
    const client = await other.socket(4, 'mptcp');
    await client.connect('127.0.0.1', listener.port);
    const server = await listener.accept();
    await client.closeBy(other.who, async () => other.kill());
    await server.drain();
    await server.close();
    const events = await stage.tracer.settled();
    assertMptcpPair(events, {client, server});
  });
});
