/** Filters of watch: several tracers with different filters trace the same connections. */
import assert from 'node:assert/strict';
import {Actor} from '../helpers/actor.js';
import {eventsOf} from '../helpers/expect.js';
import {Netns} from '../helpers/netns.js';
import {closePair, connectPair, freePort, type Pair} from '../helpers/pair.js';
import type {Sock} from '../helpers/sock.js';
import {suite} from '../helpers/suite.js';
import {traceAll, Tracer, type TraceEvent} from '../helpers/tracer.js';

const ADDRESSES = {v4: '127.0.0.1', v6: '::1', mapped: '::ffff:127.0.0.1'};

const kinds = (events: readonly TraceEvent[]): string[] => events.map(({event}) => event);
const ALL = ['connect', 'accept', 'close', 'close', 'fail'];

suite('filters', (stage) => {
  /** Sockets of one established and one refused connection. */
  async function live(client: Actor, to: string): Promise<Sock[]> {
    const address = to.replace('::ffff:', '');
    const pair = await connectPair(client, address, {server: stage.actor, to});
    await closePair(pair);
    const failed = await client.socket(to.includes(':') ? 6 : 4);
    await failed.tryConnect(to, await freePort(stage.actor, address));
    await failed.close();
    return [pair.client, pair.server, failed];
  }

  /** Returns the kinds of events of each connection, by tracer. */
  async function compare(other: Actor, args: Readonly<Record<string, readonly string[]>>) {
    const socks = new Map<string, Sock[]>();
    const all = await traceAll(args, async () => {
      for (const [name, address] of Object.entries(ADDRESSES))
        socks.set(name, await live(stage.actor, address));
      socks.set('other', await live(other, ADDRESSES.v4));
    });
    return Object.fromEntries(
      [...all].map(([tracer, events]) => {
        const seen = [...socks].map(([name, list]) => [name, kinds(eventsOf(events, ...list))]);
        return [tracer, Object.fromEntries(seen) as Record<string, string[]>];
      }),
    );
  }

  it('--event, -4, -6, --pid, alone and combined', async () => {
    await using other = await Actor.start();
    const both = `${String(other.pid)},${String(stage.actor.pid)}`;
    const seen = await compare(other, {
      event: ['--event', 'connect,close', '-e', 'fail'],
      ipv4: ['-4'],
      ipv6: ['--ipv6', '-p', both],
      pid: ['--pid', String(other.pid), '-4', '-6'],
      together: ['--event', 'close', '--pid', String(stage.actor.pid), '-6'],
    });
    const every = {v4: ALL, v6: ALL, mapped: ALL, other: ALL};
    const nothing = {v4: [], v6: [], mapped: [], other: []};
    const chosen = ['connect', 'close', 'close', 'fail'];
    assert.deepEqual(seen, {
      event: {v4: chosen, v6: chosen, mapped: chosen, other: chosen},
      ipv4: {...every, v6: []},
      ipv6: {...nothing, v6: ALL},
      pid: {...nothing, other: ['connect', 'close', 'fail']},
      together: {...nothing, v6: ['close', 'close']},
    });
  });

  it('addresses and networks at one endpoint or either, and excluded', async () => {
    await using other = await Actor.start();
    const own = ['--pid', `${String(other.pid)},${String(stage.actor.pid)}`];
    const others = Array.from({length: 63}, (_, index) => `fd00:${String(index)}::/32`);
    const seen = await compare(other, {
      v4: [...own, '--raddr', '127.0.0.0/8', '--laddr', '0.0.0.0/0'],
      neighbour: [...own, '--raddr', '127.0.0.2/31,::2/127,128.0.0.0/1'],
      negated: [...own, '--raddr', '::1,127.0.0.1', '--not-addr', '127.0.0.1', '--lport', '1-65535'],
      many: [...own, '--addr', [...others, '::1'].join()],
      more: [...own, '--addr', [...others, '127.0.0.1', '::2'].join(), '--event', 'connect'],
    });
    const v4 = {v4: ALL, v6: [], mapped: ALL, other: ALL};
    const v6 = {v4: [], v6: ALL, mapped: [], other: []};
    const nothing = {v4: [], v6: [], mapped: [], other: []};
    const connect = ['connect'];
    const more = {v4: connect, v6: [], mapped: connect, other: connect};
    assert.deepEqual(seen, {
      v4,
      neighbour: nothing,
      negated: v6,
      many: v6,
      more,
    });
  });

  it('--lport, --rport, --not-lport, and ranges', async () => {
    const listener = await stage.actor.listen('127.0.0.1');
    const port = listener.port;
    const tracers = {
      local: ['--lport', String(port)],
      remote: ['--rport', `${String(port)}-${String(port + 1)}`, '--not-lport', String(port)],
      beside: ['--port', `1-${String(port - 1)}`, '--rport', String(port)],
    };
    let ends: Sock[] = [];
    const all = await traceAll(tracers, async () => {
      const client = await stage.actor.socket(4);
      await client.connect('127.0.0.1', port);
      ends = [client, await listener.accept()];
      await closePair({client, server: ends[1] as Sock});
    });
    const seen = [...all].map(([name, events]) => [name, ends.map((end) => kinds(eventsOf(events, end)))]);
    const [client] = ends;
    const isBelow = (client?.local?.port ?? 0) < port;
    assert.deepEqual(Object.fromEntries(seen), {
      local: [[], ['accept', 'close']],
      remote: [['connect', 'close'], []],
      beside: [isBelow ? ['connect', 'close'] : [], []],
    });
  });

  it('--uid, --user, --no-loopback, --netns by name, and excluded', async () => {
    await using other = await Actor.start();
    using home = new Netns();
    using abroad = new Netns();
    abroad.ip('address', 'add', '10.77.0.1/32', 'dev', 'lo');
    await stage.actor.do('netns', home.path);
    await other.do('netns', abroad.path);
    await other.setUid(4242);
    const pairs: Pair[] = [];
    const all = await traceAll(
      {
        uid: ['--uid', '4242'],
        notUid: ['--not-uid', '4242'],
        user: ['--user', 'root'],
        notUser: ['--not-user', 'root'],
        far: ['--no-loopback'],
        netns: ['--netns', home.name],
        notNetns: ['--not-netns', home.name],
      },
      async () => {
        pairs.push(await connectPair(stage.actor, '127.0.0.1'), await connectPair(other, '10.77.0.1'));
        for (const pair of pairs) await closePair(pair);
      },
    );
    const seen = [...all].map(([name, events]) => {
      const of = ({client, server}: Pair): number => eventsOf(events, client, server).length;
      return [name, pairs.map(of)];
    });
    assert.deepEqual(Object.fromEntries(seen), {
      uid: [0, 4],
      notUid: [4, 0],
      user: [4, 0],
      notUser: [0, 4],
      far: [0, 4],
      netns: [4, 0],
      notNetns: [0, 4],
    });
  });

  it('--pid of the opener, if another process closes', async () => {
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

  it('filters in user space combined with kernel filters', async () => {
    const listener = await stage.actor.listen('127.0.0.1');
    const port = String(listener.port);
    await stage.actor.setComm('an actor');
    await using tracer = await Tracer.start([
      '-P',
      port,
      '--rport',
      port,
      '--comm',
      'an *',
      '--not-raddr',
      '::1',
    ]);
    const client = await stage.actor.socket(4);
    await client.connect('127.0.0.1', listener.port);
    await closePair({client, server: await listener.accept()});
    const {events} = await tracer.stop();
    assert.deepEqual(kinds(eventsOf(events, client)), ['connect', 'close']);
    assert.equal(events.length, 2);
  });

  it('--port at either endpoint', async () => {
    const listener = await stage.actor.listen('127.0.0.1');
    await using tracer = await Tracer.start(['-P', `1,${String(listener.port)}`]);
    const client = await stage.actor.socket(4);
    await client.connect('127.0.0.1', listener.port);
    const server = await listener.accept();
    const {client: other} = await connectPair(stage.actor, '127.0.0.1');
    for (const sock of [client, server, other]) await sock.close();
    const {events} = await tracer.stop();
    assert.deepEqual(kinds(eventsOf(events, client, server)), ['connect', 'accept', 'close', 'close']);
    assert.equal(events.length, 4);
  });
});
