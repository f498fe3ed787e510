/** Actors in containers, and the events that their connections must produce. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {chmodSync, existsSync} from 'node:fs';
import {createServer, type Socket} from 'node:net';
import {Actor} from '../helpers/actor.js';
import {accepted, assertEvents, closed, connected, eventsOf, type Overrides} from '../helpers/expect.js';
import {closePair, connectPair, type Pair} from '../helpers/pair.js';
import {Top} from '../helpers/top.js';
import {traceAll, type TraceEvent, Tracer} from '../helpers/tracer.js';
import {until} from '../helpers/until.js';
import {cgroupOf} from './cgroups.js';
import type {Host} from './host.js';

/** A container as its runtime describes it. */
export interface Running {
  readonly id: string;
  /** Process id on the host. */
  readonly pid: number;
}

/** Fields that name a container. */
export interface Names {
  readonly container_name?: string;
  readonly pod?: string;
  readonly pod_namespace?: string;
  readonly container_path?: string;
}

export interface Contained extends Running {
  readonly actor: Actor;
}

/** Directory of the host that a container must have at MAILBOX. */
export const MAILBOX = '/io';

let count = 0;

/**
 * Starts an actor in a container. It stops when it goes out of scope, and so does the container.
 *
 * @param run starts the container with a command, and with the host's directory `io` at MAILBOX
 */
export async function contain(
  host: Host,
  run: (command: readonly string[]) => Running | Promise<Running>,
  uid = 0,
): Promise<Contained> {
  count += 1;
  const name = `actor-${String(count)}`;
  const server = createServer();
  try {
    server.listen(host.path(`io/${name}`));
    await once(server, 'listening');
    chmodSync(host.path(`io/${name}`), 0o777);
    const connection = once(server, 'connection', {signal: AbortSignal.timeout(20_000)});
    const running = await run(['/bin/actor', `${MAILBOX}/${name}`]);
    const [socket] = (await connection) as [Socket];
    const closedSocket = once(socket, 'close');
    const actor = new Actor(running.pid, socket, socket, async () => {
      await closedSocket;
    });
    actor.uid = uid;
    return {...running, actor};
  } finally {
    server.close();
  }
}

/** The four events of a connection from an actor to itself, all with these further fields. */
function assertAll(events: readonly TraceEvent[], {client, server}: Pair, fields: Overrides): void {
  assertEvents(events, client, connected(client, fields), closed(client, 'local', fields));
  assertEvents(events, server, accepted(server, fields), closed(server, 'remote', fields));
}

function fieldsOf({id, pid}: Running, names: Names): Overrides {
  return {cgroup: cgroupOf(pid, id), container: id, ...names};
}

/** A container, and the names that its events must have. */
export interface Case {
  readonly contained: Contained;
  readonly names: Names;
}

/** Arguments of `watch`, and the containers whose events they select. */
interface Selection {
  readonly args: readonly string[];
  readonly selects: readonly Case[];
}

async function connectOnce(actor: Actor): Promise<Pair> {
  const pair = await connectPair(actor, '127.0.0.1');
  await closePair(pair);
  return pair;
}

/** Sends bytes over a connection from an actor to itself. */
async function transfer(actor: Actor, bytes: number): Promise<void> {
  const {client, server} = await connectPair(actor, '127.0.0.1');
  await client.send(bytes);
  await server.receive(bytes);
  await closePair({client, server});
}

/**
 * Traces connections in containers and outside, without a filter and with several; checks every field of every event.
 *
 * @param tcptrace command that runs it
 * @param selections by their title
 */
export async function checkContainers(
  {tcptrace}: Pick<Host, 'tcptrace'>,
  cases: readonly Case[],
  selections: Readonly<Record<string, Selection>> = {},
): Promise<void> {
  const pairs = new Map<Case, Pair>();
  await using outside = await Actor.start();
  let other: Pair | undefined;
  const titles: Record<string, readonly string[]> = {all: []};
  for (const [title, {args}] of Object.entries(selections)) titles[title] = args;
  const all = await traceAll(
    titles,
    async () => {
      for (const it of cases) pairs.set(it, await connectOnce(it.contained.actor));
      other = await connectOnce(outside);
    },
    ['watch', '--ndjson', '--containers'],
    tcptrace,
  );
  assert.ok(other);
  const events = all.get('all') ?? [];
  for (const {container} of eventsOf(events, other.client, other.server)) assert.equal(container, undefined);
  for (const [title, found] of all) {
    const selects = selections[title]?.selects ?? cases;
    for (const [it, pair] of pairs) {
      if (selects.includes(it)) assertAll(found, pair, fieldsOf(it.contained, it.names));
      else assert.deepEqual(eventsOf(found, pair.client, pair.server), [], title);
    }
    const isOutside = title === 'all' || title.startsWith('not ');
    assert.equal(eventsOf(found, other.client, other.server).length, isOutside ? 4 : 0, title);
  }
}

/** Checks that `top --by container` has a row for each container, with its name and the bytes that it moved. */
export async function checkTop({tcptrace}: Pick<Host, 'tcptrace'>, cases: readonly Case[]): Promise<void> {
  await using outside = await Actor.start();
  await using top = await Top.startBy(tcptrace, '--by', 'container', '--interval', '100ms');
  const expected: Record<string, readonly number[]> = {};
  for (const [index, {contained}] of cases.entries()) {
    const bytes = 1000 * (index + 1);
    await transfer(contained.actor, bytes);
    // each container has both endpoints
    expected[contained.id] = [bytes, bytes];
  }
  await transfer(outside, 77);
  await top.stop();
  const {undefined: rest = [], ...found} = top.bytes('container');
  assert.deepEqual(found, expected);
  assert(Number(rest[0]) >= 77, 'outside of containers');
  for (const {contained, names} of cases)
    for (const row of top.rows.filter(({container}) => container === contained.id))
      assert.deepEqual(
        [row.container_name, row.pod, row.pod_namespace],
        [names.container_name, names.pod, names.pod_namespace],
      );
}

/** Returns the container's name in the event of a new connection. */
async function nameNow(tracer: Tracer, actor: Actor): Promise<unknown> {
  const {client} = await connectOnce(actor);
  await tracer.waitForEvent(client, 'connect');
  return tracer.events.find(({inode}) => inode === client.inode)?.container_name;
}

/** Checks that events of a running trace have the new name of a container after it was renamed, and never the old one again. */
export async function checkRename(
  host: Host,
  {actor}: Contained,
  [before, after]: readonly [string, string],
  rename: () => void,
): Promise<void> {
  const flags = ['--containers', '--event', 'connect'];
  await using tracer = await Tracer.start(flags, {}, ['watch', '--ndjson'], host.tcptrace);
  assert.equal(await nameNow(tracer, actor), before);
  rename();
  let name = await nameNow(tracer, actor);
  // names are looked up again once a second
  while (name === before) name = await nameNow(tracer, actor);
  assert.deepEqual([name, await nameNow(tracer, actor)], [after, after]);
}

/** Checks a name that the daemon is asked for: an event waits 200 ms for the answer, so the first ones may lack it. */
export async function checkAskedName(host: Host, contained: Contained, name: string): Promise<void> {
  await using tracer = await Tracer.start(['--container-names'], {}, ['watch', '--ndjson'], host.tcptrace);
  while ((await nameNow(tracer, contained.actor)) === undefined);
  const pair = await connectOnce(contained.actor);
  assertAll((await tracer.stop()).events, pair, fieldsOf(contained, {container_name: name}));
}

/**
 * Checks that events have their container although container and cgroup are removed before they are read.
 *
 * @param start starts the container after the trace
 */
export async function checkShortLived(host: Host, start: () => Promise<Contained>): Promise<void> {
  await using tracer = await Tracer.start(['--containers'], {}, ['watch', '--ndjson'], host.tcptrace);
  const contained = await start();
  tracer.signal('SIGSTOP');
  const check = await connectAndExit(contained);
  tracer.signal('SIGCONT');
  check((await tracer.stop()).events);
}

/** Makes a connection and removes its container. @returns checks that all four events have the container */
export async function connectAndExit(contained: Contained): Promise<(events: readonly TraceEvent[]) => void> {
  const {cgroup, container} = fieldsOf(contained, {});
  const {client, server} = await connectPair(contained.actor, '127.0.0.1');
  await contained.actor.exit();
  await until(() => !existsSync(`/proc/${String(contained.pid)}`), 'exit of the container');
  return (events) => {
    const found = eventsOf(events, client, server);
    assert.equal(found.length, 4);
    for (const event of found) assert.deepEqual([event.cgroup, event.container], [cgroup, container]);
  };
}
