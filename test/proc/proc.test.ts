/** Events of `watch --proc`; needs no eBPF. */
import assert from 'node:assert/strict';
import {Actor} from '../helpers/actor.js';
import {eventsOf} from '../helpers/expect.js';
import {seconds} from '../helpers/machine.js';
import {Netns} from '../helpers/netns.js';
import {closePair, connectPair, type Pair} from '../helpers/pair.js';
import {assertLife, assertSeen, seen} from '../helpers/proc-expect.js';
import {startProcTracer, WATCH_PROC} from '../helpers/proc-tracer.js';
import {skip} from '../helpers/suite.js';
import {traceAll, type Tracer, type TraceEvent} from '../helpers/tracer.js';

const FAST = ['--interval', '50ms'];

describe('watch --proc', function () {
  this.timeout(seconds(60));
  let actor: Actor;
  let tracer: Tracer;

  before(async function () {
    if (process.getuid?.() !== 0) skip(this, 'only root sees every process, and makes namespaces');
    tracer = await startProcTracer(...FAST);
  });

  after(async () => {
    await (tracer as Tracer | undefined)?.[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    actor = await Actor.start();
  });

  afterEach(async () => {
    await actor[Symbol.asyncDispose]();
  });

  async function seenOpen({client, server}: Pair, by = tracer): Promise<void> {
    await by.waitForEvent(client, 'connect');
    await by.waitForEvent(server, 'accept');
  }

  /** Returns all events until now: waits for the events of a new connection, which later scans report. */
  async function settled(by = tracer): Promise<readonly TraceEvent[]> {
    await using other = await Actor.start();
    const pair = await connectPair(other, '127.0.0.1');
    await seenOpen(pair, by);
    await closePair(pair);
    await by.waitForEvent(pair.client, 'close');
    await by.waitForEvent(pair.server, 'close');
    return by.events;
  }

  async function assertBothReported(
    client: Actor,
    server: Actor,
    address: string,
    to = address,
  ): Promise<void> {
    const pair = await connectPair(client, address, {server, to});
    await seenOpen(pair);
    await closePair(pair);
    const events = await settled();
    assertLife(events, pair.client);
    assertLife(events, pair.server);
    assertSeen(events, pair.listener);
  }

  describe('open and close of a connection', () => {
    it('IPv4', async () => assertBothReported(actor, actor, '127.0.0.1'));
    it('IPv6', async () => assertBothReported(actor, actor, '::1'));
    it('IPv4-mapped at the client', async () =>
      assertBothReported(actor, actor, '127.0.0.1', '::ffff:127.0.0.1'));
    it('IPv4-mapped at the server', async () => assertBothReported(actor, actor, '::', '127.0.0.1'));
    it('IPv4-mapped at both', async () => assertBothReported(actor, actor, '::', '::ffff:127.0.0.1'));

    it('between two processes with different names and users', async () => {
      await using server = await Actor.start();
      await server.setComm('a server\n)');
      await actor.setComm(Buffer.from('61ff80c3', 'hex'));
      await actor.setUid(4_000_000_001, 1001);
      await assertBothReported(actor, server, '127.0.0.1');
    });

    it('in another network namespace', async () => {
      using netns = new Netns();
      await actor.do('netns', netns.path);
      await assertBothReported(actor, actor, '127.0.0.1');
    });

    for (const [family, proxied, loopback] of [
      ['ip', '10.77.1.2', '127.0.0.1'],
      ['ip6', 'fd77::2', '::1'],
    ] as const)
      it(`accepted by a transparent proxy (${family}): the direction is unknown`, async () => {
        using netns = new Netns();
        await actor.do('netns', netns.path);
        const proxy = await actor.listen(loopback, {set: ['transparent']});
        netns.ip('address', 'add', '10.5.0.1/24', 'dev', 'lo');
        const version = family === 'ip' ? '-4' : '-6';
        netns.ip(version, 'route', 'add', family === 'ip' ? '10.77.0.0/16' : 'fd77::/16', 'dev', 'lo');
        netns.ip(version, 'rule', 'add', 'fwmark', '1', 'lookup', '100');
        netns.ip(version, 'route', 'add', 'local', 'default', 'dev', 'lo', 'table', '100');
        const to = family === 'ip' ? loopback : `[${loopback}]`;
        netns.nft(`table ${family} t {
          chain p { type filter hook prerouting priority mangle;
            tcp dport 80 tproxy to ${to}:${String(proxy.port)} meta mark set 1 accept; }
          chain o { type route hook output priority mangle; tcp dport 80 meta mark set 1; }
        }`);
        const client = await actor.socket(family === 'ip' ? 4 : 6);
        await client.connect(proxied, 80);
        const server = await proxy.accept();
        assert.deepEqual(server.local, {address: proxied, port: 80});
        await seenOpen({client, server, listener: proxy});
        await closePair({client, server});
        const events = await settled();
        assert.deepEqual(
          [client, server].map((sock) =>
            eventsOf(events, sock).map(({event, direction}) => [event, direction]),
          ),
          [
            [
              ['connect', 'out'],
              ['close', 'out'],
            ],
            [
              ['accept', 'unknown'],
              ['close', 'unknown'],
            ],
          ],
        );
      });

    it('in a pid namespace: reports the pid of the scanned /proc', async () => {
      await actor.do('unshare', 'pid');
      await using child = await actor.fork();
      await assertBothReported(child, child, '127.0.0.1');
    });

    it('in a user namespace: reports the uid in the namespace of tcptrace', async () => {
      await actor.setUid(12_345);
      await actor.do('unshare', 'user');
      await assertBothReported(actor, actor, '127.0.0.1');
    });
  });

  it('a socket in another network namespace than its process', async () => {
    using netns = new Netns();
    await using resident = await Actor.start();
    await resident.do('netns', netns.path);
    await actor.do('netns', netns.path);
    const pair = await connectPair(actor, '127.0.0.1');
    await actor.do('netns', `/proc/${String(process.pid)}/ns/net`);
    await seenOpen(pair);
    await closePair(pair);
    const events = await settled();
    assertLife(events, pair.client);
    assertLife(events, pair.server);
  });

  it('held by two processes: attributed to the lower pid, and its close to the last holder', async () => {
    const pair = await connectPair(actor, '127.0.0.1');
    await using child = await actor.fork();
    const [lower, upper] = actor.pid < child.pid ? [actor, child] : [child, actor];
    await seenOpen(pair);
    await lower.do('close', pair.client.fd);
    await settled(); // a scan has seen the other process hold it
    await pair.client.close({by: upper});
    const owner = {owner_pid: lower.pid, owner_comm: lower.comm, owner_uid: lower.uid, duration_us: 'known'};
    assertSeen(
      await settled(),
      pair.client,
      seen(pair.client, lower.who, {event: 'connect'}),
      seen(pair.client, upper.who, {event: 'close', ...owner}),
    );
  });

  it('after a RST: reports the close when the descriptor is closed', async () => {
    const pair = await connectPair(actor, '127.0.0.1');
    await seenOpen(pair);
    await pair.server.set('linger', 0);
    await pair.server.close();
    await pair.client.poll('hup');
    assertSeen(await settled(), pair.client, seen(pair.client, actor.who, {event: 'connect'}));
    await pair.client.close();
    assertLife(await settled(), pair.client);
  });

  it('closed by the exit of its process', async () => {
    const victim = await Actor.start();
    const pair = await connectPair(victim, '127.0.0.1');
    await seenOpen(pair);
    await pair.client.closeBy(victim.who, async () => victim.kill());
    pair.server.closed = pair.client.closed;
    const events = await settled();
    assertLife(events, pair.client);
    assertLife(events, pair.server);
  });

  it('no event for failed, listening or not yet accepted sockets', async () => {
    const listener = await actor.listen('127.0.0.1');
    const client = await actor.socket(4);
    await client.connect('127.0.0.1', listener.port);
    const failed = await actor.socket(4);
    assert.equal((await failed.tryConnect('127.0.0.1', 1)).errno, 'ECONNREFUSED');
    const events = await settled();
    assert.deepEqual(eventsOf(events, listener, failed), []);
    assertSeen(events, client, seen(client, actor.who, {event: 'connect'}));
    const accepted = events.filter(({event, lport}) => event === 'accept' && lport === listener.port);
    assert.deepEqual(accepted, []);
  });

  it('accept on a listener that was opened during a scan', async () => {
    await using busy = await startProcTracer('--interval', '1ms');
    const pairs: Pair[] = [];
    for (let i = 0; i < 50; i++) pairs.push(await connectPair(actor, i % 2 === 0 ? '127.0.0.1' : '::1'));
    for (const pair of pairs) await seenOpen(pair, busy);
    assert.equal((await busy.stop()).code, 0);
  });

  it('misses a connection between two scans; reports one that is open at the last scan', async () => {
    await using slow = await startProcTracer('--interval', '1h');
    const gone = await connectPair(actor, '127.0.0.1');
    await closePair(gone);
    const there = await connectPair(actor, '::1');
    const {events, code, stderr} = await slow.stop();
    assert.equal(code, 0, stderr);
    assert.deepEqual(eventsOf(events, gone.client, gone.server), []);
    assertSeen(events, there.client, seen(there.client, actor.who, {event: 'connect'}));
    assertSeen(events, there.server, seen(there.server, actor.who, {event: 'accept'}));
    assert.match(
      stderr,
      /^tcptrace: 2 scans of \d+\.\d ms each, \d+\.\d ms at most; connections that lived only between/m,
    );
  });

  it('preexisting connection: open event if selected, close without duration', async () => {
    const pair = await connectPair(actor, '::1');
    await using late = await startProcTracer(...FAST, '--event', 'open,close');
    await using without = await startProcTracer(...FAST);
    await late.waitForEvent(pair.server, 'open');
    await closePair(pair);
    for (const sock of [pair.client, pair.server]) {
      const close = seen(sock, actor.who, {event: 'close'});
      await late.waitForEvent(sock, 'close');
      assertSeen(late.events, sock, seen(sock, actor.who, {event: 'open'}), close);
      await without.waitForEvent(sock, 'close');
      assertSeen(without.events, sock, close);
    }
  });

  it('filters', async () => {
    await using other = await Actor.start();
    const port = (await connectPair(actor, '127.0.0.1')).listener.port;
    const filters = {
      pid: ['--pid', String(actor.pid)],
      port: ['--port', String(port)],
      ipv4: ['-4'],
      ipv6: ['-6'],
      event: ['--event', 'accept'],
      both: ['--event', 'accept', '-6', '--pid', String(actor.pid)],
    };
    const names = new Map<number, string>();
    const all = await traceAll(
      filters,
      async () => {
        const mine = await connectPair(actor, '127.0.0.1');
        const mapped = await connectPair(actor, '::', {to: '::ffff:127.0.0.1'});
        const theirs = await connectPair(other, '::1');
        for (const [index, {client, server}] of [mine, mapped, theirs].entries())
          names.set(client.inode, `c${String(index)}`).set(server.inode, `s${String(index)}`);
        const toPort = await other.socket(4);
        await toPort.connect('127.0.0.1', port);
        names.set(toPort.inode, 'p');
      },
      WATCH_PROC,
    );
    const found: Record<string, string> = {};
    for (const [name, events] of all)
      found[name] = events
        .flatMap(({inode = 0}) => names.get(inode) ?? [])
        .sort()
        .join(' ');
    assert.deepEqual(found, {
      pid: 'c0 c1 s0 s1',
      port: 'p',
      ipv4: 'c0 c1 p s0 s1',
      ipv6: 'c2 s2',
      event: 's0 s1 s2',
      both: '',
    });
  });
});
