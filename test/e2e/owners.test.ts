/** The process of an event: its name, its threads, and the process that opened the connection. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {findMount} from '#dist/enrich/cgroups.js';
import {Actor} from '../helpers/actor.js';
import {Container, CONTAINER_ID} from '../helpers/container.js';
import {accepted, assertEvents, closed, connected, eventsOf} from '../helpers/expect.js';
import {connectPair, type Pair} from '../helpers/pair.js';
import type {Sock} from '../helpers/sock.js';
import {skip, suite, tracedSuite} from '../helpers/suite.js';
import {CLI, traceAll, Tracer, type TraceEvent} from '../helpers/tracer.js';

const hex = (name: string): string => `${Buffer.from(name).toString('hex')}00`;

/** Connects in a thread of this name. */
async function connectByThread(actor: Actor, thread: string): Promise<Pair> {
  const listener = await actor.listen('127.0.0.1');
  const client = await actor.socket(4);
  const job = await actor.background('as', hex(thread), 'connect', client.fd, '127.0.0.1', listener.port);
  client.connecting('127.0.0.1', listener.port, await job.join());
  return {client, server: await listener.accept(), listener};
}

function listedComms(pid: number, ...args: readonly string[]): unknown[] {
  const {stdout} = spawnSync(process.execPath, [CLI, 'list', '--json', '--pid', String(pid), ...args], {
    encoding: 'utf8',
  });
  return [...new Set((JSON.parse(stdout) as {comm?: string}[]).map(({comm}) => comm))];
}

tracedSuite('names of processes and threads', (stage) => {
  it('comm is the main thread, thread the caller if its name differs', async () => {
    await stage.actor.setComm('main');
    const {client, server} = await connectByThread(stage.actor, 'worker');
    const job = await stage.actor.background('as', hex('closer'), 'close', client.fd);
    const answer = await job.join();
    client.closed = {who: stage.actor.who, before: answer.before, after: answer.after};
    await server.close();
    const events = await stage.tracer.settled();
    assertEvents(
      events,
      client,
      connected(client, {thread: 'worker'}),
      closed(client, 'local', {thread: 'closer'}),
    );
    assertEvents(events, server, accepted(server), closed(server, 'remote'));
  });

  it('of a process whose main thread has exited', async () => {
    await stage.actor.setComm('gone');
    await stage.actor.do('leave');
    await stage.actor.do('comm', hex('remains'));
    const {client, server} = await connectPair(stage.actor, '127.0.0.1');
    await client.close();
    await server.close();
    const events = await stage.tracer.settled();
    const [thread] = ['remains'];
    assertEvents(events, client, connected(client, {thread}), closed(client, 'local', {thread}));
    assertEvents(events, server, accepted(server, {thread}), closed(server, 'remote', {thread}));
  });
});

suite('names of preexisting connections', (stage) => {
  it('open and list, by eBPF and by /proc, agree on the process name', async () => {
    await stage.actor.setComm('main');
    const {client} = await connectByThread(stage.actor, 'worker');
    await using tracer = await Tracer.start(['--event', 'open']);
    const [open, ...more] = eventsOf((await tracer.stop()).events, client);
    assert.deepEqual([open?.event, open?.comm, open?.thread, more], ['open', 'main', undefined, []]);
    assert.deepEqual(listedComms(stage.actor.pid), ['main']);
    assert.deepEqual(listedComms(stage.actor.pid, '--proc'), ['main']);
  });
});

suite('filters select connections, not single events', (stage) => {
  const kinds = (events: readonly TraceEvent[], sock: Sock): string[] =>
    eventsOf(events, sock).map(({event}) => event);

  /** Kinds of the socket's events under each filter. */
  async function compare(args: Readonly<Record<string, readonly string[]>>, act: () => Promise<Sock>) {
    let sock: Sock | undefined;
    const all = await traceAll(args, async () => {
      sock = await act();
    });
    return Object.fromEntries([...all].map(([name, events]) => [name, sock && kinds(events, sock)]));
  }

  const BOTH = ['connect', 'close'];

  /** Passes the client's socket from a child to its parent, which closes it. */
  async function closeInParent(parent: Actor, child: Actor, client: Sock): Promise<void> {
    await child.do('give', client.fd, child.mailbox);
    await client.close();
    const {ret: fd} = await parent.do('take', child.mailbox);
    await client.close({by: parent, fd});
  }

  it('--comm: of a thread whose connection another thread closes, and of the process', async () => {
    await stage.actor.setComm('process');
    const seen = await compare(
      {
        process: ['--comm', 'process'],
        opener: ['--comm', 'open*'],
        closer: ['--comm', 'closer'],
        notOpener: ['--not-comm', 'opener'],
        notCloser: ['--not-comm', 'closer', '--pid', String(stage.actor.pid)],
        inUserSpace: ['--comm', 'open?r'],
        notInUserSpace: ['--not-comm', 'open?r', '--pid', String(stage.actor.pid)],
      },
      async () => {
        const {client} = await connectByThread(stage.actor, 'opener');
        const job = await stage.actor.background('as', hex('closer'), 'close', client.fd);
        await job.join();
        return client;
      },
    );
    assert.deepEqual(seen, {
      process: BOTH,
      opener: BOTH,
      closer: ['close'],
      notOpener: [],
      notCloser: BOTH,
      inUserSpace: BOTH,
      notInUserSpace: [],
    });
  });

  it('--pid, --comm and their exclusions: of a connection that another process closes', async () => {
    await using child = await stage.actor.fork();
    await stage.actor.setComm('closer');
    await child.setComm('opener');
    const seen = await compare(
      {
        opener: ['--pid', String(child.pid)],
        closer: ['--pid', String(stage.actor.pid)],
        notOpener: ['--not-pid', String(child.pid), '--comm', 'opener,closer'],
        notCloser: ['--not-pid', String(stage.actor.pid), '--comm', 'opener'],
        comm: ['--comm', 'opener'],
        notComm: ['--not-comm', 'closer', '--pid', String(child.pid)],
      },
      async () => {
        const {client} = await connectPair(child, '127.0.0.1');
        await closeInParent(stage.actor, child, client);
        return client;
      },
    );
    assert.deepEqual(seen, {
      opener: BOTH,
      closer: ['close'],
      notOpener: [],
      notCloser: BOTH,
      comm: BOTH,
      notComm: BOTH,
    });
  });

  it('--uid: of a server that drops its user id after accept()', async () => {
    await using server = await Actor.start();
    const seen = await compare(
      {
        opener: ['--uid', '0'],
        closer: ['--uid', '4242'],
        notCloser: ['--not-uid', '4242'],
        notOpener: ['--not-user', 'root'],
        many: ['--uid', Array.from({length: 65}, (_, index) => String(index)).join()],
      },
      async () => {
        const pair = await connectPair(stage.actor, '127.0.0.1', {server});
        await server.setUid(4242);
        await pair.server.close();
        return pair.server;
      },
    );
    const both = ['accept', 'close'];
    assert.deepEqual(seen, {opener: both, closer: ['close'], notCloser: both, notOpener: [], many: both});
  });

  it('--uid: of a user whose sockets the garbage collector of UNIX sockets closes', async () => {
    await using other = await Actor.start();
    await other.setUid(4242);
    await using tracer = await Tracer.start(['--uid', '4242']);
    const {client, server} = await connectPair(other, '127.0.0.1', {server: stage.actor});
    await other.do('strand', client.fd);
    await server.drain();
    await tracer.waitFor(() => eventsOf(tracer.events, client).length === 2, 'the close');
    const {events} = await tracer.stop();
    assert.deepEqual(kinds(events, client), BOTH);
    const [, close] = eventsOf(events, client);
    assert.equal(close?.owner_uid ?? close?.uid, 4242);
  });

  it('--follow: of a followed process that exits before another one closes its connection', async () => {
    await using child = await stage.actor.fork();
    await using keeper = await Actor.start();
    await using tracer = await Tracer.start([
      '--pid',
      `${String(child.pid)},${String(keeper.pid)}`,
      '--follow',
    ]);
    const {client} = await connectPair(child, '127.0.0.1', {server: stage.actor});
    await child.do('give', client.fd, child.mailbox);
    const {ret: fd} = await stage.actor.do('take', child.mailbox);
    await child.exit();
    await client.close({by: stage.actor, fd});
    const {events} = await tracer.stop();
    assert.deepEqual(kinds(events, client), BOTH);
  });

  it('--cgroup and --container: of a connection that a process elsewhere closes', async function () {
    const mount = findMount();
    if (mount === undefined) skip(this, 'no unified hierarchy of cgroups');
    using container = new Container(mount);
    await using child = await stage.actor.fork();
    container.put(child.pid);
    const own = ['--pid', String(child.pid)];
    const seen = await compare(
      {
        cgroup: ['--cgroup', container.path],
        container: ['--container', CONTAINER_ID.slice(0, 12)],
        notCgroup: ['--not-cgroup', container.path, ...own],
        notContainer: ['--not-container', CONTAINER_ID, ...own],
      },
      async () => {
        const {client} = await connectPair(child, '127.0.0.1', {server: stage.actor});
        await closeInParent(stage.actor, child, client);
        return client;
      },
    );
    assert.deepEqual(seen, {cgroup: BOTH, container: BOTH, notCgroup: [], notContainer: []});
    await child.exit();
  });
});
