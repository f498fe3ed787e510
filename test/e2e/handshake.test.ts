/** Retransmitted SYNs and SYN-ACKs, and the time that a connection waits in the backlog. */
import assert from 'node:assert/strict';
import {setTimeout as sleep} from 'node:timers/promises';
import {accepted, assertEvents, closed, connected, failed} from '../helpers/expect.js';
import {Cable, Netns} from '../helpers/netns.js';
import {closePair} from '../helpers/pair.js';
import {tracedSuite} from '../helpers/suite.js';
import {until} from '../helpers/until.js';

const DELAY_MS = 300;
const MAC_NOBODY = '02:00:00:00:00:ff';

/** Two namespaces with a cable between them. */
class Lab implements Disposable {
  readonly client = new Netns();
  readonly server = new Netns();
  readonly cable = new Cable(this.client, this.server);

  /** Makes packets of the server disappear. */
  cutServer(): void {
    this.#route(MAC_NOBODY);
  }

  joinServer(): void {
    this.#route('02:00:00:00:00:0a');
  }

  [Symbol.dispose](): void {
    this.client[Symbol.dispose]();
    this.server[Symbol.dispose]();
  }

  #route(mac: string): void {
    const {address, device} = this.cable.a;
    this.server.ip('neighbour', 'replace', address, 'lladdr', mac, 'dev', device, 'nud', 'permanent');
  }
}

tracedSuite('handshake', (stage) => {
  for (const [title, bytes] of [
    ['nothing sent', 0],
    ['data received meanwhile', 1000],
  ] as const) {
    it(`accept_delay_us of a late accept(), ${title}`, async () => {
      const listener = await stage.actor.listen('127.0.0.1');
      const client = await stage.actor.socket(4);
      await client.connect('127.0.0.1', listener.port);
      if (bytes > 0) await client.send(bytes);
      const established = await stage.actor.do('poll', listener.fd, 'in');
      await sleep(DELAY_MS);
      const server = await listener.accept();
      if (bytes > 0) await server.receive(bytes);
      await closePair({client, server});
      const accepting = server.opened;
      const connecting = client.opened;
      assert(accepting && connecting);
      assert(accepting.before - established.after >= BigInt(DELAY_MS) * 1_000_000n - 1_000_000n);
      // the kernel knows the time of ESTABLISHED in whole microseconds
      const delay = {
        min: (accepting.before - established.after) / 1000n,
        max: (accepting.after - connecting.before) / 1000n + 1n,
      };
      const events = await stage.tracer.settled();
      assertEvents(events, server, accepted(server, {accept_delay_us: delay}), closed(server, 'remote'));
    });
  }

  it('syn_retrans of a connect() whose first SYN is lost', async () => {
    using lab = new Lab();
    await stage.actor.do('netns', lab.server.path);
    const listener = await stage.actor.listen(lab.cable.b.address);
    await stage.actor.do('netns', lab.client.path);
    lab.cable.cut();
    const client = await stage.actor.socket(4, 'nonblock');
    await client.tryConnect(lab.cable.b.address, listener.port);
    await until(() => lab.client.retransmitted() > 0, 'a retransmission');
    lab.cable.join();
    assert.equal(await client.outcome(), '0');
    const fields = {syn_retrans: lab.client.retransmitted()};
    const server = await listener.accept();
    await closePair({client, server});
    const events = await stage.tracer.settled();
    assertEvents(
      events,
      client,
      connected(client, fields),
      closed(client, 'local', {retrans: fields.syn_retrans}),
    );
    assertEvents(events, server, accepted(server), closed(server, 'remote'));
  });

  it('syn_retrans of an accept() whose first SYN-ACK is lost', async () => {
    using lab = new Lab();
    await stage.actor.do('netns', lab.server.path);
    const listener = await stage.actor.listen(lab.cable.b.address);
    lab.cutServer();
    await stage.actor.do('netns', lab.client.path);
    const client = await stage.actor.socket(4, 'nonblock');
    await client.tryConnect(lab.cable.b.address, listener.port);
    await until(() => lab.server.retransmitted() > 0, 'a retransmission');
    lab.joinServer();
    assert.equal(await client.outcome(), '0');
    const ofClient = {syn_retrans: lab.client.retransmitted()};
    const ofServer = {syn_retrans: lab.server.retransmitted()};
    const server = await listener.accept();
    await closePair({client, server});
    const events = await stage.tracer.settled();
    const [sent, answered] = [{retrans: ofClient.syn_retrans}, {retrans: ofServer.syn_retrans}];
    assertEvents(events, client, connected(client, ofClient), closed(client, 'local', sent));
    assertEvents(events, server, accepted(server, ofServer), closed(server, 'remote', answered));
  });

  it('syn_retrans of a connect() that the application gives up', async () => {
    using lab = new Lab();
    lab.cable.cut();
    await stage.actor.do('netns', lab.client.path);
    const client = await stage.actor.socket(4, 'nonblock');
    await client.tryConnect(lab.cable.b.address, 80);
    await until(() => lab.client.retransmitted() > 0, 'a retransmission');
    await client.close();
    const fields = {syn_retrans: lab.client.retransmitted()};
    assertEvents(await stage.tracer.settled(), client, failed(client, 'ECANCELED', fields, client.closed));
  });
});
