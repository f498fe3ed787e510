/** `tcptrace join` of recordings of three namespaces as hosts, with address translation between them. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {Actor, type BurstConnection} from '../helpers/actor.js';
import {hasProgram} from '../helpers/machine.js';
import {Router} from '../helpers/router.js';
import {skip, suite} from '../helpers/suite.js';
import {Tracer, type TraceEvent} from '../helpers/tracer.js';
import {tcptrace} from '../cli/run.js';

/** A line of `tcptrace join --ndjson`. */
type Joined = Readonly<Partial<Record<string, string | number>>>;

const CLOCK_ERROR_MS = 600_000;

/** Ports of the router. */
const [DNAT, SNAT, PROXY, IPVS] = [80, 81, 82, 83] as const;

function shift(event: TraceEvent): TraceEvent {
  const time = String(event.time);
  const later = new Date(Date.parse(`${time.slice(0, 19)}Z`) + CLOCK_ERROR_MS).toISOString();
  return {...event, time: later.slice(0, 19) + time.slice(19)};
}

/** Inodes of the sockets of one connection. */
interface Truth {
  readonly client: number;
  readonly server: number;
}

/** Connects one after the other, so the connections are accepted in the same order. */
async function makeConnections(
  client: Actor,
  server: Actor,
  listener: number,
  to: readonly [address: string, port: number],
  count: number,
): Promise<readonly Truth[]> {
  const serving = await server.background('serve', listener, count);
  const {connections: opened = []} = await client.do('burst', count, ...to, 10, 0);
  const {connections: accepted = []} = await serving.join();
  assert.deepEqual([opened.length, accepted.length], [count, count]);
  return opened.map(([inode]: BurstConnection, index) => ({
    client: inode,
    server: accepted[index]?.[0] ?? 0,
  }));
}

class Recordings implements Disposable {
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));

  /** @param name of the file; with the ending .gz it is compressed */
  write(name: string, events: readonly TraceEvent[]): string {
    const file = path.join(this.#directory, name);
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, {recursive: true});
  }
}

/** Asserts that each connection has one line with both sockets, and that no line has others. */
function assertJoined(lines: readonly Joined[], truths: readonly Truth[], hosts: readonly string[]): void {
  const servers = new Map(truths.map(({client, server}) => [client, server]));
  const own = lines.filter(({opener_inode}) => servers.has(Number(opener_inode)));
  const joined = own.filter(({acceptor_inode}) => acceptor_inode !== undefined);
  const wrong = joined.filter(
    ({opener_inode, acceptor_inode}) => servers.get(Number(opener_inode)) !== acceptor_inode,
  );
  assert.deepEqual(wrong, []);
  assert.equal(own.length, truths.length);
  assert.equal(joined.length, truths.length);
  for (const line of joined) {
    assert.deepEqual([line.opener_host, line.acceptor_host], hosts);
    assert.equal(line.ended_by, 'opener');
    assert.deepEqual([line.opener_tx_bytes, line.acceptor_rx_bytes], [10, 10]);
  }
}

suite('join: 20,000 connections between three namespaces', (stage) => {
  it('joins all and none wrongly, with one clock 10 minutes off', async function () {
    if (!hasProgram('nft')) skip(this, 'no nft');
    this.timeout(300_000);
    using network = new Router();
    using recordings = new Recordings();
    await using server = await Actor.start();
    const client = stage.actor;
    network.translate(DNAT, SNAT);
    await using proxy = await network.proxy(PROXY);
    assert.ok(proxy);
    await server.do('netns', network.server.path);
    const {fd} = await server.listen(network.serverAddress, {port: network.serverPort});
    await client.do('netns', network.client.path);
    const hosts = {client: network.client, router: network.router, server: network.server};
    const tracers = await Promise.all(
      Object.entries(hosts).map(([name, {path: netns}]) =>
        Tracer.start(['--netns', netns, '--host-name', name]),
      ),
    );
    const burst = (address: string, port: number, count: number): Promise<readonly Truth[]> =>
      makeConnections(client, server, fd, [address, port], count);
    const direct = await burst(network.serverAddress, network.serverPort, 4000);
    const translated = [
      ...(await burst(network.front, DNAT, 6000)),
      ...(await burst(network.front, SNAT, 6000)),
    ];
    const proxied = await burst(network.front, PROXY, 2000);
    const [onClient = [], onRouter = [], onServer = []] = await Promise.all(
      tracers.map(async (tracer) => (await tracer.stop()).events),
    );
    const files = [
      recordings.write('client.ndjson', onClient),
      recordings.write('router.ndjson', onRouter),
      recordings.write('server.ndjson.gz', onServer.map(shift)),
    ];
    const {stdout, stderr, status} = tcptrace(['join', '--ndjson', ...files]);
    assert.equal(status, 0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Joined);
    assertJoined(lines, [...direct, ...translated], ['client', 'server']);
    assertProxied(lines, proxied);
    assert.equal(lines.length, direct.length + translated.length + 2 * proxied.length);
    assertTranslated(lines, new Set(translated.map(({client: inode}) => inode)));
    assert.match(
      stderr,
      /tcptrace: the clock of server is (?:599\.9|600\.0)\d+ s ahead of that of client \(/,
    );
    assert.match(stderr, /tcptrace: 20000 connections: 20000 with both sockets, 0 with one\n/);
  });
});

/** The proxy is the acceptor of one connection and the opener of another one. */
function assertProxied(lines: readonly Joined[], truths: readonly Truth[]): void {
  const byClient = new Map(lines.map((line) => [line.opener_inode, line]));
  const byServer = new Map(lines.map((line) => [line.acceptor_inode, line]));
  for (const {client, server} of truths) {
    const [first, second] = [byClient.get(client), byServer.get(server)];
    assert.deepEqual([first?.opener_host, first?.acceptor_host], ['client', 'router']);
    assert.deepEqual([second?.opener_host, second?.acceptor_host], ['router', 'server']);
    assert.notEqual(first?.flow, second?.flow);
  }
}

/** The two sockets of a connection through NAT have different addresses of the server. */
function assertTranslated(lines: readonly Joined[], clients: ReadonlySet<number>): void {
  for (const line of lines) {
    if (!clients.has(Number(line.opener_inode))) continue;
    assert.deepEqual([line.opener_raddr, line.acceptor_laddr], ['10.81.1.2', '10.81.2.1']);
    assert.equal(line.acceptor_raddr, line.opener_rport === SNAT ? '10.81.2.2' : '10.81.1.1');
  }
}

suite('join: IPVS', (stage) => {
  it('joins connections through a virtual server', async function () {
    if (!hasProgram('ipvsadm')) skip(this, 'no ipvsadm');
    using network = new Router();
    try {
      network.balance(IPVS);
    } catch (error) {
      const {stderr} = error as {readonly stderr?: Buffer};
      skip(this, `this kernel has no IPVS: ${String(stderr).trim()}`);
    }
    using recordings = new Recordings();
    await using server = await Actor.start();
    await server.do('netns', network.server.path);
    const {fd} = await server.listen(network.serverAddress, {port: network.serverPort});
    await stage.actor.do('netns', network.client.path);
    const start = (name: string, netns: string): Promise<Tracer> =>
      Tracer.start(['--netns', netns, '--host-name', name]);
    await using a = await start('client', network.client.path);
    await using b = await start('server', network.server.path);
    const truths = await makeConnections(stage.actor, server, fd, [network.front, IPVS], 2000);
    const files = [
      recordings.write('client.ndjson', (await a.stop()).events),
      recordings.write('server.ndjson', (await b.stop()).events.map(shift)),
    ];
    const {stdout} = tcptrace(['join', '--ndjson', '--quiet', ...files]);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Joined);
    assertJoined(lines, truths, ['client', 'server']);
  });
});
