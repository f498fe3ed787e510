/** `tcptrace top`: what was moved between two looks, to the byte. */
import assert from 'node:assert/strict';
import {Actor} from '../helpers/actor.js';
import {seconds} from '../helpers/machine.js';
import {Cable, Netns} from '../helpers/netns.js';
import {closePair, connectPair, type Pair} from '../helpers/pair.js';
import type {Sock} from '../helpers/sock.js';
import {suite} from '../helpers/suite.js';
import {Top} from '../helpers/top.js';

const GROUPINGS = [
  'process',
  'program',
  'connection',
  'remote',
  'lport',
  'user',
  'container',
  'pod',
] as const;

const KIBIBYTE = 1024;

async function transfer(from: Sock, to: Sock, bytes: number): Promise<void> {
  const sending = await from.actor.background('send', from.fd, bytes);
  await to.receive(bytes);
  await sending.join();
}

/** Sends in both directions. */
async function exchange({client, server}: Pair, up: number, down: number): Promise<void> {
  await transfer(client, server, up);
  await transfer(server, client, down);
}

interface Stage {
  readonly a: Actor;
  readonly b: Actor;
  /** Preexisting, idle until the trace has begun. */
  readonly old: Pair;
}

const SHORT = 400;

/** Moves 2,100,500 bytes from a to b and 30,070 from b to a, by long and short connections. Returns a long one. */
async function move({a, b, old}: Stage): Promise<Pair> {
  await exchange(old, 500, 70);
  const long = await connectPair(a, '127.0.0.1', {server: b});
  await exchange(long, 50_000, 10_000);
  const listener = await b.listen('127.0.0.1');
  const serving = await b.background('serve', listener.fd, SHORT);
  await a.do('burst', SHORT, '127.0.0.1', listener.port, 5000, 0);
  await serving.join();
  const brief = await connectPair(a, '::1', {server: b});
  await exchange(brief, 20_000, 10_000);
  await closePair(brief);
  await exchange(long, 30_000, 10_000);
  return long;
}

const UP = 2_100_500;
const DOWN = 30_070;

suite('top', () => {
  let a: Actor;
  let b: Actor;
  let old: Pair;
  let filter: readonly string[];

  beforeEach(async () => {
    a = await Actor.start();
    b = await Actor.start();
    await b.setComm('fifteen-letters');
    old = await connectPair(a, '127.0.0.1', {server: b});
    await exchange(old, 100 * KIBIBYTE, 7777);
    filter = ['--pid', `${String(a.pid)},${String(b.pid)}`];
  });

  afterEach(async () => {
    await a[Symbol.asyncDispose]();
    await b[Symbol.asyncDispose]();
  });

  for (const by of GROUPINGS)
    it(`--by ${by}: the rows sum up to what was moved`, async () => {
      await using top = await Top.start(...filter, '--by', by, '--interval', '50ms');
      const long = await move({a, b, old});
      await top.stop();
      const total = UP + DOWN;
      assert.deepEqual(top.bytes('by'), {[by]: [total, total]});
      const expected: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
        process: {[a.pid]: [UP, DOWN], [b.pid]: [DOWN, UP]},
        program: {actor: [UP, DOWN], 'fifteen-letters': [DOWN, UP]},
        connection: {
          [long.client.inode]: [80_000, 20_000],
          [long.server.inode]: [20_000, 80_000],
          [old.client.inode]: [500, 70],
          [old.server.inode]: [70, 500],
        },
        remote: {
          [old.listener.port]: [500, 70],
          [long.listener.port]: [80_000, 20_000],
          // the clients' ports are ephemeral
          undefined: [DOWN, UP],
        },
        lport: {
          [old.listener.port]: [70, 500],
          [long.listener.port]: [20_000, 80_000],
          // those that were opened here
          undefined: [UP, DOWN],
        },
        user: {root: [total, total]},
        container: {},
        pod: {},
      };
      const key = {
        process: 'pid',
        program: 'comm',
        connection: 'inode',
        remote: 'rport',
        lport: 'lport',
        user: 'user',
        container: 'container',
        pod: 'pod',
      }[by];
      const found = top.bytes(key);
      for (const [value, bytes] of Object.entries(expected[by] ?? {}))
        assert.deepEqual(found[value], bytes, value);
    });

  for (const end of ['--duration', '--count'] as const)
    it(`${end}: the last snapshot has everything`, async () => {
      const args =
        end === '--count'
          ? ['1', '--interval', `${String(seconds(4))}ms`]
          : [`${String(seconds(4))}ms`, '--interval', '1s'];
      await using top = await Top.start(...filter, end, ...args);
      await move({a, b, old});
      await top.ended();
      assert.deepEqual(top.bytes('pid'), {[a.pid]: [UP, DOWN], [b.pid]: [DOWN, UP]});
    });

  it('the row of a connection goes an interval after its close', async () => {
    await using top = await Top.start(...filter, '--by', 'connection', '--interval', '50ms');
    const brief = await connectPair(a, '127.0.0.1', {server: b});
    await exchange(brief, 10, 10);
    await closePair(brief);
    const rows = () => top.rows.filter(({inode}) => inode === brief.client.inode);
    const rounds = () => new Set(top.rows.map(({time}) => time)).size;
    const until = async (isMet: () => boolean): Promise<void> => {
      while (!isMet()) await exchange(old, 1, 1);
    };
    await until(() => rows().some(({open}) => open === 0));
    const [count, round] = [rows().length, rounds()];
    await until(() => rounds() > round + 3);
    assert.equal(rows().length, count);
    await top.stop();
  });

  it('rates are bytes divided by the time', async () => {
    await using top = await Top.start(...filter, '--interval', '100ms');
    await move({a, b, old});
    await top.stop();
    for (const row of top.rows)
      for (const name of ['tx_bytes', 'rx_bytes']) {
        const rate = Number(row[name]) / Number(row.interval_s);
        assert(Math.abs(Number(row[`${name}_per_s`]) - rate) <= 1 + rate * 1e-4, JSON.stringify(row));
      }
  });

  it('retransmissions are those of the kernel', async () => {
    using here = new Netns();
    using there = new Netns();
    const cable = new Cable(here, there);
    await b.do('netns', there.path);
    const listener = await b.listen(cable.b.address);
    await a.do('netns', here.path);
    const client = await a.socket(4);
    await client.connect(cable.b.address, listener.port);
    const server = await listener.accept();
    await using top = await Top.start(...filter, '--interval', '50ms');
    cable.cut();
    await client.send(700);
    while (here.retransmitted() < 3) await exchange(old, 1, 1);
    cable.join();
    await server.receive(700);
    // nothing is left to retransmit
    await transfer(server, client, 1);
    await top.stop();
    assert.equal(top.sums('retrans', 'pid')[a.pid], here.retransmitted());
  });
});
