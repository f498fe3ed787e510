/** `tcptrace join` of recordings of three namespaces as hosts, with address translation between them. */
import assert from 'node:assert/strict';
import {Actor} from '../helpers/actor.js';
import {
  assertJoined,
  type Joined,
  makeConnections,
  parseJoined,
  Recordings,
  shift,
  type Truth,
} from '../helpers/joined.js';
import {hasProgram} from '../helpers/machine.js';
import {Router} from '../helpers/router.js';
import {skip, suite} from '../helpers/suite.js';
import {Tracer} from '../helpers/tracer.js';
import {tcptrace} from '../cli/run.js';

/** Ports of the router. */
const [DNAT, SNAT, PROXY] = [80, 81, 82] as const;

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
    const lines = parseJoined(stdout);
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
