/** Exact byte counts and retransmissions. */
import assert from 'node:assert/strict';
import type {Actor} from '../helpers/actor.js';
import {accepted, assertEvents, assertPair, closed, connected, eventsOf} from '../helpers/expect.js';
import {hasProgram} from '../helpers/machine.js';
import {Cable, Netns} from '../helpers/netns.js';
import {closePair, connectPair, type Pair} from '../helpers/pair.js';
import {skip, tracedSuite} from '../helpers/suite.js';

const MEBIBYTE = 1 << 20;
const ANSWER = 10_240;

/** Sends more than the buffers hold. */
async function transfer(actor: Actor, {client, server}: Pair): Promise<void> {
  const sending = await actor.background('send', client.fd, MEBIBYTE);
  await server.receive(MEBIBYTE);
  await sending.join();
  client.sent += MEBIBYTE;
  await server.send(ANSWER);
  await client.receive(ANSWER);
}

tracedSuite('byte counts', (stage) => {
  it('1 MiB in one direction, 10 KiB in the other', async () => {
    const pair = await connectPair(stage.actor, '127.0.0.1');
    await transfer(stage.actor, pair);
    await closePair(pair);
    assertPair(await stage.tracer.settled(), pair);
  });

  it('after shutdown of both directions', async () => {
    const pair = await connectPair(stage.actor, '::1');
    await transfer(stage.actor, pair);
    await pair.client.shutdown('wr');
    await pair.server.drain();
    await pair.server.shutdown('wr');
    await pair.client.drain();
    await closePair(pair);
    assertPair(await stage.tracer.settled(), pair);
  });

  it('include data that the peer has not received', async () => {
    const pair = await connectPair(stage.actor, '127.0.0.1');
    await pair.client.send(ANSWER);
    await pair.server.poll('in');
    await pair.client.close();
    pair.server.received = ANSWER;
    await pair.server.close();
    const events = await stage.tracer.settled();
    assertPair(events, pair);
  });

  for (const how of ['by MSG_FASTOPEN', 'by TCP_FASTOPEN_CONNECT']) {
    it(`with TCP Fast Open ${how}`, async () => {
      using netns = new Netns();
      // client, server, and both without a cookie
      netns.sysctl('ipv4/tcp_fastopen', String(0x1 | 0x2 | 0x4 | 0x200));
      await stage.actor.do('netns', netns.path);
      const listener = await stage.actor.listen('127.0.0.1', {set: ['fastopen']});
      const client = await stage.actor.socket(4);
      if (how.includes('MSG')) {
        const answer = await stage.actor.do('fastopen', client.fd, '127.0.0.1', listener.port, 700);
        client.connecting('127.0.0.1', listener.port, answer);
      } else {
        await client.set('fastopen_connect', 1);
        await client.connect('127.0.0.1', listener.port);
        const {after} = await stage.actor.do('send', client.fd, 700);
        if (client.opened) client.opened = {...client.opened, after};
      }
      client.learn(await stage.actor.do('describe', client.fd));
      client.sent = 700;
      const server = await listener.accept();
      await server.receive(700);
      const pair = {client, server, listener};
      await transfer(stage.actor, pair);
      await closePair(pair);
      assertPair(await stage.tracer.settled(), pair);
    });
  }

  it('with packet loss', async function () {
    if (!hasProgram('nft')) skip(this, 'no nft');
    using here = new Netns();
    using there = new Netns();
    const cable = new Cable(here, there);
    there.nft(`table ip lossy {
      chain input {
        type filter hook input priority 0;
        tcp flags & (syn | fin) == 0 numgen inc mod 50 == 7 drop
      }
    }`);
    await stage.actor.do('netns', there.path);
    const listener = await stage.actor.listen(cable.b.address);
    await stage.actor.do('netns', here.path);
    const client = await stage.actor.socket(4);
    await client.connect(cable.b.address, listener.port);
    const pair = {client, server: await listener.accept(), listener};
    await transfer(stage.actor, pair);
    await closePair(pair);
    const events = await stage.tracer.settled();
    const retrans = Number(eventsOf(events, client).at(-1)?.retrans);
    assert(client.retrans > 0, 'segments were sent again');
    // more segments may be retransmitted during and after close()
    assert(retrans >= client.retrans, `${String(retrans)} of at least ${String(client.retrans)}`);
    assertEvents(events, client, connected(client), closed(client, 'local', {retrans}));
    assertEvents(events, pair.server, accepted(pair.server), closed(pair.server, 'remote'));
  });
});
