/** Link-local addresses: their interfaces in events, listings, filters and recordings. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {OpenSocket} from '#dist/model/socket.js';
import {tcptrace} from '../cli/run.js';
import {assertEvents, assertPair, eventsOf, failed} from '../helpers/expect.js';
import {Link} from '../helpers/link.js';
import {closePair, freePort} from '../helpers/pair.js';
import type {Sock} from '../helpers/sock.js';
import {suite} from '../helpers/suite.js';
import {type TraceEvent, Tracer} from '../helpers/tracer.js';

function zonesOf(events: readonly TraceEvent[], ...socks: readonly Sock[]): unknown[] {
  return eventsOf(events, ...socks).map(({event, zone}) => `${event} ${String(zone)}`);
}

suite('zones of link-local addresses', () => {
  it('of both endpoints, each in its own namespace', async () => {
    await using link = await Link.make();
    await using tracer = await Tracer.start();
    const pair = await link.connect();
    assert.deepEqual([pair.client.zone, pair.server.zone], ['test0', 'far1']);
    await closePair(pair);
    assertPair(await tracer.settled(), pair);
  });

  it('none for other addresses', async () => {
    await using link = await Link.make();
    await using tracer = await Tracer.start();
    const pair = await link.connect(link.cable.b.address6);
    await closePair(pair);
    assertPair(await tracer.settled(), pair, {zone: undefined}, {zone: undefined});
  });

  it('of a refused connect()', async () => {
    await using link = await Link.make();
    await using tracer = await Tracer.start();
    const sock = await link.client.socket(6);
    const port = await freePort(link.server, '::');
    assert.equal((await sock.tryConnect(`${link.remote}%test0`, port)).errno, 'ECONNREFUSED');
    await sock.close();
    const fields = {laddr: link.local, raddr: link.remote, zone: 'test0'};
    assertEvents(await tracer.settled(), sock, failed(sock, 'ECONNREFUSED', fields));
  });

  it('of preexisting connections', async () => {
    await using link = await Link.make();
    const {client, server} = await link.connect();
    await using tracer = await Tracer.start(['-e', 'open,close,fail']);
    await closePair({client, server});
    const events = await tracer.settled();
    assert.deepEqual(zonesOf(events, client), ['open test0', 'close test0']);
    assert.deepEqual(zonesOf(events, server), ['open far1', 'close far1']);
  });

  it('of processes that have exited: the name if the namespace exists, else the number', async () => {
    for (const isDeleted of [false, true]) {
      await using link = await Link.make();
      await using tracer = await Tracer.start();
      tracer.signal('SIGSTOP');
      const {client} = await link.connect();
      await link.client.exit();
      const zone = isDeleted ? String(link.here.ifindex('test0')) : 'test0';
      if (isDeleted) link.here.remake();
      tracer.signal('SIGCONT');
      assert.deepEqual(zonesOf(await tracer.settled(), client), [`connect ${zone}`, `close ${zone}`]);
    }
  });

  it('of an interface that is renamed during the trace', async () => {
    await using link = await Link.make();
    await using tracer = await Tracer.start();
    const before = await link.connect();
    await closePair(before);
    assert.deepEqual(zonesOf(await tracer.settled(), before.client), ['connect test0', 'close test0']);
    link.rename(link.here, 'test0', 'new0');
    for (let zone: unknown; zone !== 'new0';) {
      const {client, server, listener} = await link.connect(`${link.remote}%new0`);
      await closePair({client, server});
      await listener.close();
      [zone] = eventsOf(await tracer.settled(), client).map((event) => event.zone);
      assert(['test0', 'new0'].includes(String(zone)), String(zone));
    }
  });

  it('in filters: by name or number, included or excluded', async () => {
    await using link = await Link.make();
    const number = String(link.there.ifindex('far1'));
    const inside = (zone: string): string[] => ['--netns', link.there.path, '--addr', `fe80::/10%${zone}`];
    for (const [args, ofClient, ofServer] of [
      [['--addr', 'fe80::/10%test0'], 2, 0],
      [['--raddr', `${link.local}%far1`], 0, 2],
      [['--laddr', `${link.local}%far1`], 0, 0],
      [['--not-addr', `${link.local}%test0`], 0, 2],
      [inside(number), 0, 2],
      [inside('test0'), 0, 0],
    ] as const) {
      await using tracer = await Tracer.start([...args, '-e', 'connect,accept,close']);
      const {client, server} = await link.connect();
      await closePair({client, server});
      const {events} = await tracer.stop();
      const counts = [client, server].map((sock) => eventsOf(events, sock).length);
      assert.deepEqual(counts, [ofClient, ofServer], args.join(' '));
    }
  });

  it('in a listing', async () => {
    await using link = await Link.make();
    const {client, server, listener} = await link.connect();
    const list = (...args: readonly string[]): string => {
      const {status, stdout, stderr} = tcptrace(['list', ...args]);
      assert.deepEqual([status, stderr], [0, '']);
      return stdout;
    };
    const inodes = (zone: string): number[] =>
      (JSON.parse(list('--json', '--addr', `fe80::/10%${zone}`)) as OpenSocket[]).map(({inode = 0}) => inode);
    assert.deepEqual(inodes('test0'), [client.inode]);
    assert.deepEqual(inodes('far1'), [server.inode]);
    const [socket] = JSON.parse(list('--json', '--lport', String(client.port))) as OpenSocket[];
    assert.deepEqual([socket?.laddr, socket?.zone, socket?.ifindex], [link.local, 'test0', undefined]);
    const table = list('--lport', String(client.port));
    assert(table.includes(` [${link.local}%test0]:${String(client.port)} [${link.remote}%test0]:`), table);
    await closePair({client, server});
    const waiting = list('--state', 'time-wait', '--netns', link.here.path);
    assert(waiting.includes(`[${link.local}%test0]:${String(client.port)} `), waiting);
    await listener.close();
  });

  it('in recordings', async () => {
    await using link = await Link.make();
    const directory = mkdtempSync(path.join(tmpdir(), 'zones-'));
    try {
      const file = path.join(directory, 'recording.ndjson');
      await using tracer = await Tracer.start(['--output', file, '--netns', link.here.path]);
      await closePair(await link.connect());
      await tracer.stop();
      const replay = (...args: readonly string[]): string[] =>
        tcptrace(['replay', file, ...args])
          .stdout.split('\n')
          .filter((line) => line !== '');
      assert.equal(replay('--ndjson', '--addr', 'fe80::/10%test0').length, 2);
      assert.deepEqual(replay('--ndjson', '--addr', 'fe80::/10%far1'), []);
      const [header = '', ...rows] = replay('--format', 'csv');
      const column = header.split(',').indexOf('zone');
      assert.deepEqual(
        rows.map((row) => row.split(',')[column]),
        ['test0', 'test0'],
      );
      assert.match(replay().join('\n'), new RegExp(`\\[${link.remote}%test0\\]:\\d+`));
    } finally {
      rmSync(directory, {recursive: true});
    }
  });
});
