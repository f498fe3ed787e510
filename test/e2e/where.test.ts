/** Network namespaces, addresses of every kind, and other users. */
import {Actor} from '../helpers/actor.js';
import {accepted, assertEvents, assertPair, closed, connected} from '../helpers/expect.js';
import {Cable, Netns} from '../helpers/netns.js';
import type {Sock} from '../helpers/sock.js';
import {tracedSuite} from '../helpers/suite.js';

tracedSuite('across namespaces', (stage) => {
  /** Connects over a veth pair. */
  async function overCable(
    choose: (cable: Cable) => {from?: string; to: string; local: string},
  ): Promise<void> {
    using here = new Netns();
    using there = new Netns();
    const {to, local} = choose(new Cable(here, there));
    await using peer = await Actor.start();
    await peer.do('netns', there.path);
    await stage.actor.do('netns', here.path);
    const listener = await peer.listen(to.includes(':') ? '::' : '0.0.0.0');
    const client = await stage.actor.socket(to.includes(':') ? 6 : 4);
    await client.connect(to, listener.port);
    const server = await listener.accept();
    await client.send(3000);
    await server.receive(3000);
    await server.close();
    await client.drain();
    await client.close();
    const events = await stage.tracer.settled();
    const remote = {raddr: to.replace(/%.*/, ''), laddr: local};
    assertEvents(events, client, connected(client, remote), closed(client, 'remote', remote));
    assertEvents(events, server, accepted(server), closed(server, 'local'));
  }

  it('over veth, IPv4', async () => overCable(({a, b}) => ({to: b.address, local: a.address})));

  it('over veth, IPv6', async () => overCable(({a, b}) => ({to: b.address6, local: a.address6})));

  it('over veth, link-local IPv6', async () =>
    overCable(({a, b}) => ({to: `${b.linkLocal}%${a.device}`, local: a.linkLocal})));

  it('equal addresses and ports in two namespaces at the same time', async () => {
    using one = new Netns();
    using two = new Netns();
    await using other = await Actor.start();
    await stage.actor.do('netns', one.path);
    await other.do('netns', two.path);
    const socks: Sock[][] = [];
    for (const actor of [stage.actor, other]) {
      const listener = await actor.listen('127.0.0.1', {port: 7000});
      const client = await actor.socket(4);
      await client.bind('127.0.0.1', 7001);
      await client.connect('127.0.0.1', 7000);
      socks.push([client, await listener.accept()]);
    }
    for (const pair of socks) for (const sock of pair) await sock.close();
    const events = await stage.tracer.settled();
    for (const [client, server] of socks) {
      if (!client || !server) throw new Error('no pair');
      assertPair(events, {client, server});
    }
  });

  it('a socket used in another namespace than its own', async () => {
    using netns = new Netns();
    const listener = await stage.actor.listen('127.0.0.1');
    const client = await stage.actor.socket(4);
    await stage.actor.do('netns', netns.path);
    await client.connect('127.0.0.1', listener.port);
    const server = await listener.accept();
    await server.close();
    await client.drain();
    await client.close();
    const events = await stage.tracer.settled();
    assertEvents(events, client, connected(client), closed(client, 'remote'));
    assertEvents(events, server, accepted(server), closed(server, 'local'));
  });
});
