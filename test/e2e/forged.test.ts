/** Accepts that never happened, and accepts that another thread hides. */
import assert from 'node:assert/strict';
import {assertEvents, connected, eventsOf} from '../helpers/expect.js';
import {connectPair} from '../helpers/pair.js';
import {Sock} from '../helpers/sock.js';
import {tracedSuite} from '../helpers/suite.js';

tracedSuite('accept() and its descriptor', (stage) => {
  it('no event of a socket that a seccomp supervisor returns', async () => {
    const {client, listener} = await connectPair(stage.actor, '127.0.0.1');
    const fresh = await stage.actor.socket(4);
    const forged = [listener, client, fresh];
    const mptcp = await stage.actor.call('socket', 4, 'mptcp');
    if (mptcp.errno === undefined) {
      const sock = new Sock(stage.actor, mptcp);
      await stage.actor.do('listen', sock.fd, 5);
      forged.push(sock);
    }
    for (const sock of forged) {
      await using child = await stage.actor.fork();
      await child.do('seccomp_accept', sock.fd);
      assert.equal((await child.call('accept4', listener.fd)).ret, sock.fd);
      await child.exit();
    }
    const events = await stage.tracer.settled();
    assertEvents(events, client, connected(client));
    assert.deepEqual(eventsOf(events, ...forged.filter((sock) => sock !== client)), []);
  });

  for (const kind of ['a listener', 'an unconnected socket'])
    it(`one event each of connections that another thread replaces by ${kind}`, async () => {
      const count = 1000;
      const listener = await stage.actor.listen('127.0.0.1', {backlog: 128});
      const decoy = kind === 'a listener' ? listener : await stage.actor.socket(4);
      const before = stage.tracer.events.length;
      await stage.actor.do('race_accept', listener.fd, decoy.fd, count, '127.0.0.1', listener.port);
      const events = (await stage.tracer.settled()).slice(before);
      const own = events.filter(({pid, lport}) => pid === stage.actor.pid && lport === listener.port);
      // the kernel may give a client's port again to a later client
      const ports = (name: string): unknown[] =>
        own
          .filter(({event}) => event === name)
          .map(({rport}) => rport)
          .sort();
      assert.equal(ports('accept').length, count);
      assert.deepEqual(ports('close'), ports('accept'));
      assert.deepEqual(eventsOf(events, decoy), []);
    });
});
