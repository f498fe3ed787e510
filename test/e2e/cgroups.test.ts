/** Filters by cgroup and container where cgroups come and go. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {chownSync, mkdirSync, rmdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {findMount} from '#dist/enrich/cgroups.js';
import {Actor} from '../helpers/actor.js';
import {eventsOf} from '../helpers/expect.js';
import {closePair, connectPair, type Pair} from '../helpers/pair.js';
import type {Sock} from '../helpers/sock.js';
import {skip, suite} from '../helpers/suite.js';
import {Tracer, type TraceEvent} from '../helpers/tracer.js';

const ROOT_PATH = `/tcptrace-cgroups-${String(process.pid)}`;
const BOTH = ['close', 'connect'];
const ACCEPTED = ['accept', 'close'];
/** Longer than the lifetime of a refusal in the kernel. */
const ROUNDS = 30;
const ROUND_MS = 50;
const EVERY = ['accept', 'close', 'close', 'connect'];

const idOf = (index: number): string => `e${index.toString(16).padStart(63, '0')}`;
const scopeOf = (index: number): string => `docker-${idOf(index)}.scope`;

/** A directory in the unified hierarchy, and the directories made in it. */
class Cgroups implements Disposable {
  readonly #mount: string;
  readonly #made: string[] = [];

  constructor(mount: string) {
    this.#mount = mount;
    this.make('');
  }

  /** Returns the directory of a cgroup. */
  make(name: string): string {
    const directory = path.join(this.#mount, ROOT_PATH, name);
    mkdirSync(directory);
    this.#made.push(directory);
    return directory;
  }

  remove(directory: string): void {
    this.#made.splice(this.#made.indexOf(directory), 1);
    rmdirSync(directory);
  }

  [Symbol.dispose](): void {
    for (const directory of this.#made.reverse()) rmdirSync(directory);
  }
}

function put(pid: number, directory: string): void {
  writeFileSync(path.join(directory, 'cgroup.procs'), String(pid));
}

/** Makes a connection in a process that only then is in this cgroup, and exits. */
async function connectIn(actor: Actor, directory: string): Promise<Pair> {
  await using child = await actor.fork();
  put(child.pid, directory);
  const pair = await connectPair(child, '127.0.0.1');
  await closePair(pair);
  await pair.listener.close();
  return pair;
}

/** Runs tracers that are stopped during `body`, and so read all events afterwards. */
async function traceLate<Name extends string>(
  flags: Readonly<Record<Name, readonly string[]>>,
  body: () => Promise<void>,
): Promise<(name: Name) => readonly TraceEvent[]> {
  const tracers = new Map<Name, Tracer>();
  for (const name of Object.keys(flags) as Name[]) tracers.set(name, await Tracer.start(flags[name]));
  for (const tracer of tracers.values()) tracer.signal('SIGSTOP');
  await body();
  for (const tracer of tracers.values()) tracer.signal('SIGCONT');
  const seen = new Map<Name, readonly TraceEvent[]>();
  for (const [name, tracer] of tracers) {
    const {events, code} = await tracer.stop();
    assert.equal(code, 0);
    seen.set(name, events);
  }
  return (name) => seen.get(name) ?? [];
}

const kindsOf = (events: readonly TraceEvent[], ...socks: readonly Sock[]): string[] =>
  eventsOf(events, ...socks)
    .map(({event}) => event)
    .sort();

const kinds = (events: readonly TraceEvent[], {client, server}: Pair): string[] =>
  kindsOf(events, client, server);

suite('cgroups', (stage) => {
  function mountOf(context: Mocha.Context): string {
    return findMount() ?? skip(context, 'no unified hierarchy of cgroups');
  }

  it('one that is removed before the tracer reads its events: created before the trace, or during it', async function () {
    using cgroups = new Cgroups(mountOf(this));
    const made = [cgroups.make(scopeOf(0))];
    const pairs: Pair[] = [];
    const ids = [0, 1].map(idOf);
    const seen = await traceLate(
      {
        ids: ['--container', ids.join()],
        notIds: ['--not-container', ids.join()],
        path: ['--cgroup', `${ROOT_PATH}/${scopeOf(1)}`],
        notPath: ['--not-cgroup', ROOT_PATH],
        names: ['--containers'],
      },
      async () => {
        made.push(cgroups.make(scopeOf(1)));
        for (const directory of made) {
          pairs.push(await connectIn(stage.actor, directory));
          cgroups.remove(directory);
        }
      },
    );
    const [before, during] = pairs;
    assert.ok(before && during);
    assert.deepEqual([kinds(seen('ids'), before), kinds(seen('ids'), during)], [EVERY, EVERY]);
    assert.deepEqual([kinds(seen('notIds'), before), kinds(seen('notIds'), during)], [[], []]);
    assert.deepEqual([kinds(seen('path'), before), kinds(seen('path'), during)], [[], EVERY]);
    assert.deepEqual([kinds(seen('notPath'), before), kinds(seen('notPath'), during)], [[], []]);
    for (const [index, pair] of pairs.entries())
      for (const {cgroup, container} of eventsOf(seen('names'), pair.client, pair.server))
        assert.deepEqual([cgroup, container], [`${ROOT_PATH}/${scopeOf(index)}`, idOf(index)]);
  });

  it('one with a long path', async function () {
    using cgroups = new Cgroups(mountOf(this));
    const outer = ['a', 'a/b', 'a/b/c'].map((name) =>
      cgroups.make(name.replaceAll(/\w/g, (letter) => letter.repeat(200))),
    );
    const name = path.relative(path.dirname(outer[0] ?? ''), path.join(outer[2] ?? '', scopeOf(1)));
    let pair: Pair | undefined;
    const seen = await traceLate(
      {other: ['--cgroup', '/tcptrace-other'], path: ['--cgroup', path.join(ROOT_PATH, name)]},
      async () => {
        const inner = cgroups.make(name);
        pair = await connectIn(stage.actor, inner);
        cgroups.remove(inner);
      },
    );
    assert.ok(pair);
    assert.deepEqual([kinds(seen('other'), pair), kinds(seen('path'), pair)], [[], EVERY]);
  });

  it('one that a user named like a container of root', async function () {
    using cgroups = new Cgroups(mountOf(this));
    const theirs = cgroups.make('theirs');
    chownSync(theirs, 1000, 1000);
    const directory = path.join(theirs, `cri-containerd-${idOf(1)}.scope`);
    let pair: Pair | undefined;
    const seen = await traceLate({forged: ['--container', idOf(1)], names: ['--containers']}, async () => {
      assert.equal(spawnSync('mkdir', [directory], {uid: 1000, gid: 1000}).status, 0);
      pair = await connectIn(stage.actor, directory);
      rmdirSync(directory);
      cgroups.remove(theirs);
    });
    assert.ok(pair);
    assert.deepEqual(kinds(seen('forged'), pair), []);
    assert.deepEqual(kinds(seen('names'), pair), EVERY);
    for (const event of eventsOf(seen('names'), pair.client, pair.server)) assert.ok(!('container' in event));
  });

  it('a new one for each connection, with 4,000 others', async function () {
    using cgroups = new Cgroups(mountOf(this));
    for (let index = 1000; index < 5000; index++) cgroups.make(scopeOf(index));
    const [included, excluded]: [Pair[], Pair[]] = [[], []];
    const ids = Array.from({length: 50}, (_, index) => idOf(index)).join();
    await using wanted = await Tracer.start(['--container', ids]);
    await using others = await Tracer.start(['--not-container', ids]);
    for (let index = 0; index < 100; index++) {
      const directory = cgroups.make(scopeOf(index));
      (index < 50 ? included : excluded).push(await connectIn(stage.actor, directory));
      cgroups.remove(directory);
    }
    const [{events, code}, {events: rest, code: otherCode}] = [await wanted.stop(), await others.stop()];
    assert.deepEqual([code, otherCode], [0, 0]);
    for (const pair of included) assert.deepEqual([kinds(events, pair), kinds(rest, pair)], [EVERY, []]);
    for (const pair of excluded) assert.deepEqual([kinds(events, pair), kinds(rest, pair)], [[], EVERY]);
    assert.ok([...events, ...rest].every(({event}) => event !== 'lost'));
  });

  it('connections that a process in another cgroup closes, once the kernel knows both cgroups', async function () {
    using cgroups = new Cgroups(mountOf(this));
    await using closer = await Actor.start();
    await using opener = await closer.fork();
    const tracers: Tracer[] = [];
    for (const flag of ['--container', '--not-container'])
      for (const id of [idOf(1), idOf(2)]) tracers.push(await Tracer.start([flag, id]));
    put(opener.pid, cgroups.make(scopeOf(1)));
    put(closer.pid, cgroups.make(scopeOf(2)));
    const pairs: Pair[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const pair = await connectPair(opener, '127.0.0.1', {server: closer});
      await opener.do('give', pair.client.fd, opener.mailbox);
      const {ret: fd} = await closer.do('take', opener.mailbox);
      await opener.do('close', pair.client.fd);
      await pair.client.close({by: closer, fd});
      await pair.server.close();
      pairs.push(pair);
      await setTimeout(ROUND_MS);
    }
    const seen: (readonly TraceEvent[])[] = [];
    for (const tracer of tracers) seen.push((await tracer.stop()).events);
    const expected = [
      [BOTH, []],
      [['close'], ACCEPTED],
      [[], ACCEPTED],
      [BOTH, []],
    ];
    for (const {client, server} of pairs)
      assert.deepEqual(
        seen.map((events) => [client, server].map((sock) => kindsOf(events, sock))),
        expected,
      );
  });
});
