/** The process of an event: its name, its threads, and the process that opened the connection. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {Actor} from '../helpers/actor.js';
import {accepted, assertEvents, closed, connected, eventsOf} from '../helpers/expect.js';
import {connectPair, type Pair} from '../helpers/pair.js';
import {suite, tracedSuite} from '../helpers/suite.js';
import {CLI, Tracer} from '../helpers/tracer.js';

const hex = (name: string): string => `${Buffer.from(name).toString('hex')}00`;

/** Connects in a thread of this name. */
export async function connectByThread(actor: Actor, thread: string): Promise<Pair> {
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
  it('comm is the main thread, thread the caller where its name differs', async () => {
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
