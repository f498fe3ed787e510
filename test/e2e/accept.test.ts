/** Passive opens. */
import assert from 'node:assert/strict';
import {accepted, assertEvents, assertPair, closed, connected, eventsOf} from '../helpers/expect.js';
import {Sock} from '../helpers/sock.js';
import {closePair} from '../helpers/pair.js';
import {tracedSuite} from '../helpers/suite.js';
import type {TraceEvent} from '../helpers/tracer.js';

const LOCALHOST = '127.0.0.1';

tracedSuite('accept', (stage) => {
  for (const command of ['accept', 'accept4', 'epoll_accept']) {
    it(command, async () => {
      const listener = await stage.actor.listen(LOCALHOST);
      const client = await stage.actor.socket(4);
      await client.connect(LOCALHOST, listener.port);
      const server = await listener.accept(command);
      await client.close();
      await server.poll('rdhup');
      await server.close();
      const events = await stage.tracer.settled();
      assertPair(events, {client, server});
    });
  }

  it('in a worker forked after listen()', async () => {
    const listener = await stage.actor.listen(LOCALHOST);
    await using first = await stage.actor.fork();
    await using second = await stage.actor.fork();
    await first.setComm('first worker');
    for (const worker of [second, first, second]) {
      const client = await stage.actor.socket(4);
      await client.connect(LOCALHOST, listener.port);
      const server = await listener.accept('accept', worker);
      await server.close();
      const events = await stage.tracer.settled();
      assertEvents(events, server, accepted(server), closed(server, 'local'));
      await client.close();
    }
  });

  it('by two processes that share a port (SO_REUSEPORT)', async () => {
    const one = await stage.actor.listen(LOCALHOST, {set: ['reuseport']});
    await using other = await stage.actor.fork();
    const two = await other.listen(LOCALHOST, {port: one.port, set: ['reuseport']});
    const jobs = [
      await stage.actor.background('serve', one.fd, 100),
      await other.background('serve', two.fd, 100),
    ];
    const {connections: made = []} = await stage.actor.do('burst', 100, LOCALHOST, one.port, 10, 0);
    assert.equal(made.length, 100);
    const {tracer} = stage;
    const isAccept = ({event, lport}: TraceEvent): boolean => event === 'accept' && lport === one.port;
    await tracer.waitFor(() => tracer.events.filter(isAccept).length >= 100, '100 accept events');
    await one.shutdown('rdwr');
    await two.shutdown('rdwr');
    const served = await Promise.all(jobs.map(async (job) => (await job.join()).connections ?? []));
    const events = await tracer.settled();
    assert.equal(served.flat().length, 100);
    for (const [index, {pid}] of [stage.actor, other].entries()) {
      const taken = served[index] ?? [];
      assert(taken.length > 0, 'the kernel gives connections to both');
      for (const [inode] of taken) {
        const seen = events.filter((event) => event.inode === inode);
        assert.deepEqual(
          seen.map(({event, pid: by}) => [event, by]),
          [
            ['accept', pid],
            ['close', pid],
          ],
        );
      }
    }
  });

  it('by a process that received the listener by SCM_RIGHTS', async () => {
    const listener = await stage.actor.listen(LOCALHOST);
    await using child = await stage.actor.fork();
    await stage.actor.do('give', listener.fd, child.mailbox);
    const taken = new Sock(child, await child.do('take', child.mailbox));
    const client = await stage.actor.socket(4);
    await client.connect(LOCALHOST, listener.port);
    const server = await taken.accept();
    await closePair({client, server});
    const events = await stage.tracer.settled();
    assertEvents(events, server, accepted(server), closed(server, 'remote'));
  });

  it('no event for a connection that stays in the backlog', async () => {
    const listener = await stage.actor.listen(LOCALHOST);
    const client = await stage.actor.socket(4);
    await client.connect(LOCALHOST, listener.port);
    const before = (await stage.tracer.settled()).length;
    await listener.close();
    await client.poll('hup');
    await client.close();
    const events = await stage.tracer.settled();
    assertEvents(events, client, connected(client), closed(client, 'remote-reset'));
    const others = events
      .slice(before)
      .filter(({lport, rport}) => lport === listener.port || rport === listener.port);
    assert.deepEqual(others, eventsOf(others, client));
  });

  it('of a connection reset in the backlog', async () => {
    const listener = await stage.actor.listen(LOCALHOST);
    const client = await stage.actor.socket(4);
    await client.connect(LOCALHOST, listener.port);
    await client.send(10);
    await client.set('linger', 0);
    await client.close();
    const server = await listener.accept();
    await server.close();
    const events = await stage.tracer.settled();
    assertEvents(events, client, connected(client), closed(client, 'local-reset'));
    server.received = 10;
    const known = {laddr: LOCALHOST, lport: listener.port, raddr: LOCALHOST, rport: client.port};
    assertEvents(events, server, accepted(server, known), closed(server, 'remote-reset', known));
  });

  it('no event if it fails with EMFILE', async () => {
    const listener = await stage.actor.listen(LOCALHOST);
    const client = await stage.actor.socket(4);
    await client.connect(LOCALHOST, listener.port);
    await stage.actor.do('nofile', client.fd + 1);
    assert.equal((await stage.actor.call('accept', listener.fd)).errno, 'EMFILE');
    await stage.actor.do('nofile', 1024);
    const server = await listener.accept();
    await server.close();
    const events = await stage.tracer.settled();
    assertEvents(events, server, accepted(server), closed(server, 'local'));
  });

  it('in 500 threads blocked in accept()', async () => {
    const listener = await stage.actor.listen(LOCALHOST);
    const jobs = await Promise.all(
      Array.from({length: 500}, () => stage.actor.background('accept', listener.fd)),
    );
    for (const job of jobs) await job.blocked();
    const {connections: made = []} = await stage.actor.do('burst', 500, LOCALHOST, listener.port, 0, 0);
    assert.equal(made.length, 500);
    const servers = await Promise.all(jobs.map(async (job) => Sock.accepted(stage.actor, await job.join())));
    for (const server of servers) await server.close();
    const events = await stage.tracer.settled();
    for (const server of servers) assertEvents(events, server, accepted(server), closed(server, 'remote'));
  });
});
