/** `tcptrace map` of real connections, live and from recordings. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import {Actor} from '../helpers/actor.js';
import {reaped} from '../helpers/child.js';
import {PROBE} from '../helpers/machine.js';
import {Netns} from '../helpers/netns.js';
import {closePair, connectPair, freePort} from '../helpers/pair.js';
import {untilReady} from '../helpers/ready.js';
import {suite} from '../helpers/suite.js';
import {TCPTRACE, Tracer} from '../helpers/tracer.js';
import {tcptrace} from '../cli/run.js';

interface Node {
  readonly id: number;
  readonly kind: string;
  readonly name?: string;
  readonly pid?: number;
  readonly listening?: readonly string[];
}

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly ports: readonly number[];
  readonly connections: number;
  readonly open: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly tx_bytes?: number;
  readonly rx_bytes?: number;
}

interface Map {
  readonly lost: number;
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
}

/** Runs a live map while connections are made. */
async function mapLive(args: readonly string[], meanwhile: () => Promise<void>): Promise<Map> {
  const [program = '', ...words] = [...TCPTRACE, 'map', '-o', 'json', '--probe', PROBE, ...args];
  await using child = reaped(spawn(program, words, {stdio: ['ignore', 'pipe', 'pipe']}));
  const exited = once(child, 'close');
  const output = text(child.stdout);
  await untilReady(child.stderr);
  await meanwhile();
  child.kill('SIGINT');
  await exited;
  return JSON.parse(await output) as Map;
}

function edgeBetween({nodes, edges}: Map, from: number, to: number): Edge | undefined {
  const idOf = (pid: number): number | undefined => nodes.find((node) => node.pid === pid)?.id;
  return edges.find((edge) => edge.from === idOf(from) && edge.to === idOf(to));
}

suite('map', (stage) => {
  it('live: counts each connection once, however short, with its bytes, failures and open ones', async () => {
    await using server = await Actor.start();
    const client = stage.actor;
    using home = new Netns();
    await client.do('netns', home.path);
    await server.do('netns', home.path);
    const {fd, port} = await server.listen('127.0.0.1');
    const map = await mapLive(['--netns', home.path], async () => {
      const serving = await server.background('serve', fd, 2000);
      await client.do('burst', 2000, '127.0.0.1', port, 10, 0);
      await serving.join();
      await client.do('burst', 30, '127.0.0.1', await freePort(client, '127.0.0.1'), 0, 0, 'refused');
      const pair = await connectPair(client, '127.0.0.1', {server});
      await pair.client.send(500);
      await pair.server.receive(500);
    });
    assert.equal(map.lost, 0);
    const edge = edgeBetween(map, client.pid, server.pid);
    assert.deepEqual([edge?.connections, edge?.open, edge?.tx_bytes, edge?.rx_bytes], [2001, 1, 20_500, 0]);
    assert.equal(edge?.ports[0], port);
    assert.equal(map.edges.length, 2, 'the edge, and the failures');
    const failed = map.edges.find((it) => it !== edge);
    assert.deepEqual([failed?.connections, failed?.failures], [0, {ECONNREFUSED: 30}]);
  });

  it('live: a filter for one process keeps the name of its peer', async () => {
    await using server = await Actor.start();
    const map = await mapLive(['--pid', String(stage.actor.pid)], async () => {
      await closePair(await connectPair(stage.actor, '127.0.0.1', {server}));
    });
    assert.equal(edgeBetween(map, stage.actor.pid, server.pid)?.connections, 1);
    assert.equal(map.edges.length, 1);
  });

  it('live: a preexisting connection, and a listener without connections', async () => {
    await using server = await Actor.start();
    using home = new Netns();
    await stage.actor.do('netns', home.path);
    await server.do('netns', home.path);
    const pair = await connectPair(stage.actor, '127.0.0.1', {server});
    const idle = await server.listen('127.0.0.1');
    const map = await mapLive(['--netns', home.path, '--listening'], async () => {
      await closePair(pair);
    });
    assert.equal(edgeBetween(map, stage.actor.pid, server.pid)?.connections, 1);
    const node = map.nodes.find(({pid}) => pid === server.pid);
    assert.ok(node?.listening?.includes(`127.0.0.1:${String(idle.port)}`));
  });

  it('of a recording is that of the connections', async () => {
    await using server = await Actor.start();
    await using tracer = await Tracer.start(['--host-name', 'here']);
    const listener = await server.listen('127.0.0.1');
    const serving = await server.background('serve', listener.fd, 100);
    await stage.actor.do('burst', 100, '127.0.0.1', listener.port, 10, 0);
    await serving.join();
    const {events} = await tracer.stop();
    const directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    try {
      const file = path.join(directory, 'here.ndjson');
      writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
      const {stdout, stderr, status} = tcptrace(['map', '-o', 'json', file]);
      assert.deepEqual([stderr, status], ['', 0]);
      const edge = edgeBetween(JSON.parse(stdout) as Map, stage.actor.pid, server.pid);
      assert.deepEqual([edge?.connections, edge?.tx_bytes], [100, 1000]);
      const byHost = JSON.parse(tcptrace(['map', '--by', 'host', '-o', 'json', file]).stdout) as Map;
      assert.ok(byHost.nodes.some(({kind, name}) => kind === 'host' && name === 'here'));
    } finally {
      rmSync(directory, {recursive: true});
    }
  });
});
