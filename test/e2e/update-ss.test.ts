/** Updates compared with what ss(8) and nstat(8) show at the same time. */
import assert from 'node:assert/strict';
import type {Actor} from '../helpers/actor.js';
import {hasProgram} from '../helpers/machine.js';
import {Cable, Netns} from '../helpers/netns.js';
import {closePair, type Pair} from '../helpers/pair.js';
import {readSs} from '../helpers/ss-numbers.js';
import {skip, suite} from '../helpers/suite.js';
import {Tracer} from '../helpers/tracer.js';
import {until} from '../helpers/until.js';
import {EVERY, pick, updated, updatesOf} from '../helpers/updates.js';

const BYTES = 4_000_000;

/** More than the buffers of both endpoints hold (tcp_wmem, tcp_rmem). */
const MORE_THAN_BUFFERS = 1 << 24;

/** Connects from one namespace to the other; the actor stays in the first. */
async function connectAcross(actor: Actor, here: Netns, there: Netns, cable: Cable): Promise<Pair> {
  await actor.do('netns', there.path);
  const listener = await actor.listen(cable.b.address);
  await actor.do('netns', here.path);
  const client = await actor.socket(4);
  await client.connect(cable.b.address, listener.port);
  return {client, server: await listener.accept(), listener};
}

/** Sends from the client until all is acknowledged. */
async function transfer(actor: Actor, {client, server}: Pair, here: Netns): Promise<void> {
  const sending = await actor.background('send', client.fd, BYTES);
  await server.receive(BYTES);
  await sending.join();
  client.sent += BYTES;
  await until(() => readSs(client, here.name).sendQueue === 0, 'acknowledgment');
}

/** Traces these namespaces only, because other connections of the host would delay the updates. */
async function trace(...namespaces: readonly Netns[]): Promise<Tracer> {
  return Tracer.start([...EVERY, '--netns', namespaces.map(({path}) => path).join(',')]);
}

/** False if the kernel has no netem. */
function disturb(netns: Netns, how: string): boolean {
  try {
    netns.ip('link', 'set', 'test0', 'txqueuelen', '10000');
    netns.tc('qdisc', 'add', 'dev', 'test0', 'root', 'netem', 'limit', '10000', ...how.split(' '));
    return true;
  } catch {
    return false;
  }
}

suite('updates beside ss', (stage) => {
  it('have the same numbers of congestion control', async () => {
    using here = new Netns();
    using there = new Netns();
    const cable = new Cable(here, there);
    await using tracer = await trace(here, there);
    const isReordered = disturb(here, 'delay 2ms reorder 30% 50%');
    const pair = await connectAcross(stage.actor, here, there, cable);
    const {client, server} = pair;
    await transfer(stage.actor, pair, here);
    // reports the client, of which nothing else changes
    await server.send(1);
    const update = await updated(tracer, client, {tx_bytes: BYTES, rx_bytes: 1});
    const ss = readSs(client, here.name);
    const [rtt = NaN, rttvar = NaN] = ss.text('rtt').split('/').map(Number);
    const names = ['rtt_us', 'rttvar_us', 'min_rtt_us', 'cwnd', 'delivery_rate_bps', 'unacked', 'retrans'];
    assert.deepEqual(pick(update, ...names, 'reordered', 'tx_queue_bytes'), [
      Math.round(rtt * 1000),
      Math.round(rttvar * 1000),
      Math.round(ss.value('minrtt') * 1000),
      ss.value('cwnd'),
      ss.value('delivery_rate'),
      ss.value('unacked') || 0,
      Number(ss.text('retrans').split('/')[1] ?? 0),
      ss.value('reord_seen') || 0,
      ss.sendQueue,
    ]);
    if (isReordered) assert(Number(update.reordered) > 0, 'reordering was seen');
    cable.cut();
    await client.send(700);
    const cut = await updated(tracer, client, {tx_bytes: BYTES + 700});
    const {sendQueue, value} = readSs(client, here.name);
    assert.deepEqual(pick(cut, 'unacked', 'tx_queue_bytes'), [value('unacked'), sendQueue]);
    cable.join();
    await server.receive(700);
    await client.receive(1);
    await closePair(pair);
  });

  it('have the queues of a receiver that does not read', async () => {
    using here = new Netns();
    using there = new Netns();
    const cable = new Cable(here, there);
    await using tracer = await trace(here, there);
    const pair = await connectAcross(stage.actor, here, there, cable);
    const {client, server} = pair;
    const sending = await stage.actor.background('send', client.fd, MORE_THAN_BUFFERS);
    await sending.blocked();
    const isStalled = (): boolean => readSs(client, here.name).text('timer').startsWith('(persist');
    await until(isStalled, 'probes of a full window');
    const {receiveQueue} = readSs(server, there.name);
    await updated(tracer, server, {rx_bytes: receiveQueue, rx_queue_bytes: receiveQueue, tx_queue_bytes: 0});
    // reports the client, which only got acknowledgments since the last update
    await server.send(1);
    await until(() => readSs(client, here.name).receiveQueue === 1, 'the byte');
    const {sendQueue, value} = readSs(client, here.name);
    assert(sendQueue > 0 && receiveQueue > 0, 'both queues are full');
    const tx_bytes = sendQueue + receiveQueue;
    const unacked = value('unacked') || 0;
    await updated(tracer, client, {tx_bytes, rx_queue_bytes: 1, tx_queue_bytes: sendQueue, unacked});
    await server.receive(MORE_THAN_BUFFERS);
    await sending.join();
    await client.receive(1);
    await updated(tracer, server, {rx_bytes: MORE_THAN_BUFFERS});
    await closePair(pair);
  });

  it('count the retransmissions of the namespace, with 3 % loss', async function () {
    using here = new Netns();
    using there = new Netns();
    const cable = new Cable(here, there);
    await using tracer = await trace(here, there);
    if (!disturb(here, 'loss 3%')) {
      if (!hasProgram('nft')) skip(this, 'neither netem nor nft');
      there.nft(
        'table ip lossy {\nchain input {\ntype filter hook input priority 0\nnumgen inc mod 33 == 7 drop\n}\n}',
      );
    }
    const pair = await connectAcross(stage.actor, here, there, cable);
    let sent = 0;
    // few large segments may all arrive
    do {
      await transfer(stage.actor, pair, here);
      sent += BYTES;
    } while (here.retransmitted() === 0);
    const update = await updated(tracer, pair.client, {tx_bytes: sent, retrans: here.retransmitted()});
    assert.equal(updatesOf(tracer.events, pair.client).at(-1), update);
    await closePair(pair);
  });
});
