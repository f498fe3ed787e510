/** Updates of connections wherever they are held, and of those that a filter selects. */
import assert from 'node:assert/strict';
import {mkdirSync, rmdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {findMount} from '#dist/enrich/cgroups.js';
import {Actor} from '../helpers/actor.js';
import {eventsOf} from '../helpers/expect.js';
import {closePair, connectPair, type Pair} from '../helpers/pair.js';
import {skip, suite} from '../helpers/suite.js';
import {Tracer, type TraceEvent} from '../helpers/tracer.js';
import {assertOrder, EVERY, pick, updated, updatesOf} from '../helpers/updates.js';

/** Sends from the client of a connection, and waits for the updates of both endpoints. */
async function report(tracer: Tracer, {client, server}: Pair, bytes: number): Promise<void> {
  await client.send(bytes);
  await updated(tracer, client, {tx_bytes: client.sent});
  await updated(tracer, server, {rx_bytes: client.sent, rx_queue_bytes: client.sent - server.received});
}

suite('updates of a connection', (stage) => {
  it('that is open during the whole trace: no other event', async () => {
    const pair = await connectPair(stage.actor, '127.0.0.1');
    await using tracer = await Tracer.start(EVERY);
    for (const bytes of [100, 200, 300]) await report(tracer, pair, bytes);
    const {events, code} = await tracer.stop();
    assert.equal(code, 0);
    for (const sock of [pair.client, pair.server]) {
      const of = eventsOf(events, sock);
      assertOrder(of);
      assert.deepEqual(
        of.map(({event}) => event),
        ['update', 'update', 'update'],
      );
    }
    await closePair(pair);
  });

  it('in flight between processes, without a descriptor anywhere', async () => {
    await using receiver = await stage.actor.fork();
    await using tracer = await Tracer.start(EVERY);
    const pair = await connectPair(stage.actor, '127.0.0.1');
    const {client, server} = pair;
    await stage.actor.do('give', server.fd, receiver.mailbox);
    await server.close();
    await report(tracer, pair, 700);
    const {ret: fd} = await receiver.do('take', receiver.mailbox);
    await client.close();
    await receiver.do('drain', fd);
    await server.close({by: receiver, fd});
    const of = eventsOf(await tracer.settled(), server);
    assertOrder(of);
    assert.deepEqual(pick(of.at(-1), 'event', 'pid', 'rx_bytes'), ['close', receiver.pid, 700]);
    assert.equal(updatesOf(of, server)[0]?.pid, stage.actor.pid);
  });

  it('that only an io_uring holds', async function () {
    await using tracer = await Tracer.start(EVERY);
    const pair = await connectPair(stage.actor, '127.0.0.1');
    const {client, server} = pair;
    const held = await stage.actor.call('uring_hold', server.fd);
    if (held.errno !== undefined) skip(this, `no io_uring here: ${held.errno}`);
    await report(tracer, pair, 700);
    await stage.actor.do('close_range', held.ret, held.ret);
    // unread bytes: the close of the ring resets the connection
    await client.poll('hup');
    await updated(tracer, client, {state: 'closed', tx_bytes: 700});
    await tracer.waitForEvent(server, 'close');
    await client.close();
    const events = await tracer.settled();
    for (const sock of [client, server]) assertOrder(eventsOf(events, sock));
    assert.equal(eventsOf(events, server).at(-1)?.rx_bytes, 700);
  });
});

/** A visit walks through the whole table of connections; here are several tracers. */
const SMALL = ['--max-connections', '8192'];

const CGROUP = `/tcptrace-updates-${String(process.pid)}`;

/** Runs `body` with an actor of another name and user, in another cgroup if there is a unified hierarchy. */
async function withChosen(body: (chosen: Actor, hasCgroup: boolean) => Promise<void>): Promise<void> {
  const mount = findMount();
  const directory = path.join(mount ?? '/nowhere', CGROUP);
  if (mount !== undefined) mkdirSync(directory);
  try {
    await using chosen = await Actor.start();
    if (mount !== undefined) writeFileSync(path.join(directory, 'cgroup.procs'), String(chosen.pid));
    await chosen.setComm('chosen');
    await chosen.setUid(12_345);
    await body(chosen, mount !== undefined);
  } finally {
    if (mount !== undefined) rmdirSync(directory);
  }
}

/** Inodes of the events of one kind. */
function inodesOf(events: readonly TraceEvent[], kind: string): readonly unknown[] {
  return [...new Set(events.filter(({event}) => event === kind).map(({inode}) => inode))].sort();
}

suite('updates with filters', (stage) => {
  it('are of the connections whose close passes', async () =>
    withChosen(async (chosen, hasCgroup) => {
      const listener = await stage.actor.listen('127.0.0.1');
      const filters: readonly (readonly string[])[] = [
        ['--pid', String(chosen.pid)],
        ['--comm', 'chosen'],
        ['--uid', '12345'],
        ['--port', String(listener.port)],
        ...(hasCgroup ? [['--cgroup', CGROUP]] : []),
      ];
      const tracers: Tracer[] = [];
      try {
        for (const flags of filters) tracers.push(await Tracer.start([...EVERY, ...SMALL, ...flags]));
        const client = await chosen.socket(4);
        await client.connect('127.0.0.1', listener.port);
        const pair = {client, server: await listener.accept(), listener};
        const other = await connectPair(stage.actor, '127.0.0.1');
        for (const each of [other, pair]) await each.client.send(500);
        for (const tracer of tracers) await updated(tracer, client, {tx_bytes: 500});
        for (const each of [other, pair]) await closePair(each);
        for (const [index, tracer] of tracers.entries()) {
          const {events} = await tracer.stop();
          const isPort = filters[index]?.[0] === '--port';
          const expected = (isPort ? [client.inode, pair.server.inode] : [client.inode]).sort();
          for (const kind of ['close', 'update'])
            assert.deepEqual(inodesOf(events, kind), expected, `${kind}, ${String(filters[index])}`);
        }
      } finally {
        for (const tracer of tracers) await tracer[Symbol.asyncDispose]();
      }
    }));
});
