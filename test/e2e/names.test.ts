/** Looked-up names, and filters by them. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {findMount} from '#dist/enrich/cgroups.js';
import {Actor} from '../helpers/actor.js';
import {reaped} from '../helpers/child.js';
import {Container, CONTAINER_ID} from '../helpers/container.js';
import {eventsOf} from '../helpers/expect.js';
import {onLines} from '../helpers/lines.js';
import {untilReady} from '../helpers/ready.js';
import {ROOT} from '../helpers/machine.js';
import {Netns} from '../helpers/netns.js';
import {closePair, connectPair, type Pair} from '../helpers/pair.js';
import {skip, suite} from '../helpers/suite.js';
import {CLI, traceAll, Tracer, type TraceEvent, WATCH} from '../helpers/tracer.js';
import {until} from '../helpers/until.js';

const kinds = (events: readonly TraceEvent[], pair: Pair): string[] =>
  eventsOf(events, pair.client, pair.server).map(({event}) => event);

type Enough = (
  events: readonly TraceEvent[],
  pids: {readonly dns: number; readonly tracer: number},
) => boolean;

suite('names', (stage) => {
  it('--cgroup and --container: also match processes that exit immediately', async function () {
    const mount = findMount();
    if (mount === undefined) skip(this, 'no unified hierarchy of cgroups');
    using container = new Container(mount);
    const pairs: Pair[] = [];
    const all = await traceAll(
      {
        path: ['--cgroup', container.path],
        above: ['--cgroup', `${mount}${container.outer}/`],
        id: ['--container', CONTAINER_ID.slice(0, 12)],
        not: ['--not-container', CONTAINER_ID.slice(0, 12)],
        notPath: ['--not-cgroup', container.path],
        other: ['--container', 'deadbeef', '--cgroup', container.path],
        named: ['--containers'],
      },
      async () => {
        const inside = await Actor.start();
        container.put(inside.pid);
        pairs.push(await connectPair(inside, '127.0.0.1'));
        await inside[Symbol.asyncDispose]();
        const outside = await connectPair(stage.actor, '127.0.0.1');
        pairs.push(outside);
        await closePair(outside);
      },
    );
    const [inside, outside] = pairs;
    assert.ok(inside && outside);
    const every = ['accept', 'close', 'close', 'connect'];
    const seen = [...all].map(([name, events]) => [
      name,
      kinds(events, inside).sort(),
      kinds(events, outside).sort(),
    ]);
    assert.deepEqual(seen, [
      ['path', every, []],
      ['above', every, []],
      ['id', every, []],
      ['not', [], every],
      ['notPath', [], every],
      ['other', [], []],
      ['named', every, every],
    ]);
    const named = eventsOf(all.get('named') ?? [], inside.client, inside.server);
    for (const {cgroup, container: id} of named)
      assert.deepEqual([cgroup, id], [container.path, CONTAINER_ID]);
    for (const event of eventsOf(all.get('named') ?? [], outside.client)) assert.ok(!('container' in event));
  });

  it('--users and --args', async () => {
    await using tracer = await Tracer.start(['--users', '--args', '--pid', String(stage.actor.pid)]);
    const pair = await connectPair(stage.actor, '127.0.0.1');
    await tracer.waitFor(() => tracer.events.length === 2, 'two events');
    await closePair(pair);
    const {events} = await tracer.stop();
    const words = readFileSync(`/proc/${String(stage.actor.pid)}/cmdline`, 'utf8').split('\0');
    assert.equal(events.length, 4);
    for (const {user, args} of events) assert.deepEqual([user, args], ['root', words.join(' ').trim()]);
  });

  it('no names without their flags', async () => {
    await using tracer = await Tracer.start(['--pid', String(stage.actor.pid)]);
    await closePair(await connectPair(stage.actor, '127.0.0.1'));
    const {events} = await tracer.stop();
    for (const event of events)
      for (const name of ['user', 'args', 'cgroup', 'cgroup_id', 'container', 'raddr_name', 'service'])
        assert.ok(!(name in event), name);
  });

  it('--columns looks up the names it shows', async () => {
    const table = ['watch', '--columns', 'event,user,service'];
    await using tracer = await Tracer.start([], {}, ['watch', '--ndjson', '--pid', String(stage.actor.pid)]);
    const words = [CLI, ...table, '--pid', String(stage.actor.pid), '--count', '4'];
    await using shown = reaped(spawn(process.execPath, words));
    let text = '';
    shown.stdout.on('data', (data) => (text += String(data)));
    await untilReady(shown.stderr);
    await closePair(await connectPair(stage.actor, '127.0.0.1'));
    await once(shown, 'close');
    await tracer.stop();
    assert.match(text, /^EVENT +USER +SERVICE$/m);
    assert.match(text, /^connect +root +-$/m);
  });

  /** Traces until an event has a name of the given name server, in a namespace where it is the only one. */
  async function resolve(server: readonly string[], flags: readonly string[], isEnough: Enough) {
    if (!existsSync('/etc/resolv.conf')) writeFileSync('/etc/resolv.conf', '');
    using netns = new Netns();
    const folder = mkdtempSync(path.join(tmpdir(), 'tcptrace-dns-'));
    try {
      writeFileSync(path.join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\n');
      writeFileSync(path.join(folder, 'hosts'), '');
      const inside = (...words: string[]) => reaped(spawn('nsenter', [`--net=${netns.path}`, ...words]));
      const program = path.join(ROOT, 'build/test/helpers/dns-server.js');
      await using dns = inside(process.execPath, program, ...server);
      await once(dns.stdout, 'data');
      const script =
        'mount --bind "$1/resolv.conf" /etc/resolv.conf && mount --bind "$1/hosts" /etc/hosts && shift && exec "$@"';
      const watch = [process.execPath, CLI, ...WATCH, '--resolve', ...flags];
      await using tracer = inside('unshare', '--mount', 'sh', '-c', script, 'sh', folder, ...watch);
      const events: TraceEvent[] = [];
      onLines(tracer.stdout, (line) => {
        events.push(JSON.parse(line) as TraceEvent);
      });
      await untilReady(tracer.stderr);
      const pids = {dns: dns.pid ?? 0, tracer: tracer.pid ?? 0};
      // an event waits at most 200 ms, so on a slow machine only later events have the name
      await until(async () => {
        await closePair(await connectPair(stage.actor, '127.0.0.1'));
        return isEnough(events, pids);
      }, 'a name');
      tracer.kill('SIGINT');
      await once(tracer, 'close');
      return {events, pids};
    } finally {
      rmSync(folder, {recursive: true});
    }
  }

  function namesIn(events: readonly TraceEvent[]): unknown[] {
    const names = new Set(events.map(({raddr_name}) => raddr_name));
    names.delete(undefined);
    return [...names];
  }

  const hasName = (events: readonly TraceEvent[]): boolean => events.some((event) => 'raddr_name' in event);

  for (const [what, name, expected] of [
    ['--resolve: shows the name of the name server', 'peer.example', 'peer.example'],
    [
      '--resolve: escapes control characters like master files (RFC 1035)',
      'a\x1b[2J.example',
      'a\\027[2J.example',
    ],
  ] as const) {
    it(what, async () => {
      const {events} = await resolve([name], ['--pid', String(stage.actor.pid)], hasName);
      assert.deepEqual(namesIn(events), [expected]);
    });
  }

  it('--resolve: hides its own connections', async () => {
    const {events, pids} = await resolve(
      ['peer.example', 'tcp'],
      [],
      (some, {dns}) => hasName(some) && some.some(({event, pid}) => event === 'accept' && pid === dns),
    );
    assert.deepEqual(
      events.filter(({pid, owner_pid}) => (owner_pid ?? pid) === pids.tracer),
      [],
    );
    assert.ok(namesIn(events).includes('peer.example'));
  });
});
