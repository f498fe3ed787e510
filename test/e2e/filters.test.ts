/** What each filter lets through. */
import assert from 'node:assert/strict';
import {Actor} from '../helpers/actor.js';
import {eventsOf} from '../helpers/expect.js';
import {connectPair, freePort, type Pair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import {Tracer, type TraceEvent} from '../helpers/tracer.js';

suite('filters', (stage) => {
  /** Traces one connection and one failure over @address, made by @client. */
  async function traced(
    args: readonly string[],
    address: string,
    client = stage.actor,
  ): Promise<TraceEvent[]> {
    await using tracer = await Tracer.start(args);
    const events = await live(client, address);
    const {events: all, code, stderr} = await tracer.stop();
    assert.equal(code, 0, stderr);
    return eventsOf(all, events.client, events.server, events.failed);
  }

  async function live(client: Actor, address: string): Promise<Pair & {failed: Pair['client']}> {
    const pair = await connectPair(client, address, {server: stage.actor});
    await pair.client.close();
    await pair.server.drain();
    await pair.server.close();
    const failed = await client.socket(pair.client.family);
    await failed.tryConnect(address, await freePort(stage.actor, address));
    await failed.close();
    return {...pair, failed};
  }

  const kinds = (events: readonly TraceEvent[]): string[] => events.map(({event}) => event);
  const ALL = ['connect', 'accept', 'close', 'close', 'fail'];

  it('none', async () => {
    assert.deepEqual(kinds(await traced([], '127.0.0.1')), ALL);
  });

  it('--event, repeated and with commas', async () => {
    assert.deepEqual(kinds(await traced(['--event', 'connect'], '127.0.0.1')), ['connect']);
    assert.deepEqual(kinds(await traced(['-e', 'connect,close'], '127.0.0.1')), [
      'connect',
      'close',
      'close',
    ]);
    assert.deepEqual(kinds(await traced(['-e', 'fail', '-e', 'accept,lost'], '127.0.0.1')), [
      'accept',
      'fail',
    ]);
  });

  it('-4 and -6, with IPv4-mapped as IPv4', async () => {
    assert.deepEqual(kinds(await traced(['-4'], '127.0.0.1')), ALL);
    assert.deepEqual(kinds(await traced(['-4'], '::1')), []);
    assert.deepEqual(kinds(await traced(['-6'], '127.0.0.1')), []);
    assert.deepEqual(kinds(await traced(['-6'], '::ffff:127.0.0.1')), []);
    assert.deepEqual(kinds(await traced(['--ipv6'], '::1')), ALL);
    assert.deepEqual(kinds(await traced(['-4', '-6'], '::1')), ALL);
  });

  it('--pid', async () => {
    await using other = await Actor.start();
    const {pid} = other;
    assert.deepEqual(kinds(await traced(['--pid', String(pid)], '127.0.0.1')), []);
    assert.deepEqual(kinds(await traced(['--pid', String(pid)], '127.0.0.1', other)), [
      'connect',
      'close',
      'fail',
    ]);
    assert.deepEqual(
      kinds(await traced(['-p', `${String(pid)},${String(stage.actor.pid)}`], '127.0.0.1', other)),
      ALL,
    );
  });

  it('--pid of the process that made a connection which another closes', async () => {
    await using child = await stage.actor.fork();
    await using tracer = await Tracer.start(['--pid', String(child.pid)]);
    const {client, server} = await connectPair(child, '127.0.0.1');
    await child.do('give', client.fd, child.mailbox);
    await client.close();
    const {ret: fd} = await stage.actor.do('take', child.mailbox);
    await client.close({by: stage.actor, fd});
    await server.close();
    const {events} = await tracer.stop();
    const [connect, close, ...more] = eventsOf(events, client);
    assert.deepEqual(more, []);
    assert.equal(connect?.pid, child.pid);
    assert.deepEqual([close?.event, close?.pid, close?.owner_pid], ['close', stage.actor.pid, child.pid]);
  });

  it('--port, of either end', async () => {
    const listener = await stage.actor.listen('127.0.0.1');
    await using tracer = await Tracer.start(['-P', `1,${String(listener.port)}`]);
    const client = await stage.actor.socket(4);
    await client.connect('127.0.0.1', listener.port);
    const server = await listener.accept();
    const {client: other} = await connectPair(stage.actor, '127.0.0.1');
    for (const sock of [client, server, other]) await sock.close();
    const {events} = await tracer.stop();
    assert.deepEqual(kinds(eventsOf(events, client, server)), ['connect', 'accept', 'close', 'close']);
    assert.deepEqual(eventsOf(events, other), []);
    assert.deepEqual(kinds(events).length, 4);
  });

  it('several must all hold', async () => {
    const args = ['--event', 'close', '--pid', String(stage.actor.pid), '-6'];
    assert.deepEqual(kinds(await traced(args, '::1')), ['close', 'close']);
    assert.deepEqual(kinds(await traced(args, '127.0.0.1')), []);
  });
});
