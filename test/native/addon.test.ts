/** Tests the addon without the TypeScript code around it. */
import assert from 'node:assert/strict';
import {spawnSync, type SpawnSyncReturns} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs';
import {createRequire} from 'node:module';
import {createServer, connect, type AddressInfo, type Socket} from 'node:net';
import {once} from 'node:events';
import {tmpdir} from 'node:os';
import {setTimeout} from 'node:timers/promises';
import path from 'node:path';
import {Worker} from 'node:worker_threads';
import {loadAddon} from '#dist/kernel/addon.js';
import type {NativeTracer, TracerOptions} from '#dist/kernel/binding.js';
import {EVENT_SIZE, FILTER_SIZE, Offset} from '#dist/kernel/layout.js';
import type {Filter} from '#dist/filter/filter.js';
import {IS_ROOT} from '../cli/run.js';
import {skip} from '../helpers/suite.js';
import {filterOf, TRACER_OPTIONS, tracerOptionsSource} from '../helpers/tracer-options.js';
import {until} from '../helpers/until.js';

const ADDON = createRequire(import.meta.url).resolve('#addon');

const addon = loadAddon();

/** Returns the ids of the BPF programs that a process holds. */
function programsOf(pid: number | string): string[] {
  const directory = `/proc/${String(pid)}/fdinfo`;
  return readdirSync(directory).flatMap((fd) => {
    try {
      return /^prog_id:\s*(\d+)/m.exec(readFileSync(`${directory}/${fd}`, 'utf8'))?.[1] ?? [];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // the directory's own descriptor
      throw error;
    }
  });
}

function isInKernel(programId: string): boolean {
  return spawnSync('bpftool', ['prog', 'show', 'id', programId]).status === 0;
}

function count(directory: string): number {
  return readdirSync(directory).length;
}

async function oneConnection(): Promise<void> {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client: Socket = connect((server.address() as AddressInfo).port, '127.0.0.1').resume();
  await once(client, 'close');
  server.close();
  await once(server, 'close');
}

/** Stops the tracer, reads the rest, and returns the number of records. */
async function drain(tracer: NativeTracer): Promise<number> {
  tracer.stop();
  let records = 0;
  for (let batch = await tracer.read(); batch !== null; batch = await tracer.read()) {
    records += batch.records.length / EVENT_SIZE;
  }
  return records;
}

/** Runs a script in a new Node.js process with the variables `addon` and `options`. */
function runAlone(script: string, ...flags: string[]): SpawnSyncReturns<string> {
  const prelude = `const addon = require(${JSON.stringify(ADDON)}); const options = ${tracerOptionsSource()};`;
  return spawnSync(process.execPath, [...flags, '-e', prelude + script], {encoding: 'utf8'});
}

describe('addon', function () {
  this.timeout(60_000);

  it('rejects options of the wrong type or range; the error names the option', () => {
    const wrong: [string, unknown, RegExp][] = [
      ['probe', 'uprobe', /probe must be/],
      ['probe', 7, /probe must be/],
      ['bufferSizeBytes', '8M', /bufferSizeBytes must be a number/],
      ['bufferSizeBytes', -1, /bufferSizeBytes is out of range/],
      ['bufferSizeBytes', Number.NaN, /bufferSizeBytes is out of range/],
      ['maxConnections', 0, /maxConnections is out of range/],
      ['maxConnections', 1.5, /maxConnections is out of range/],
      ['filter', undefined, /filter must be a Uint8Array/],
      ['filter', new Uint16Array(FILTER_SIZE), /filter must be a Uint8Array/],
      ['filter', new Uint8Array(FILTER_SIZE - 1), /filter must have \d+ bytes/],
      ['filter', new Uint8Array(FILTER_SIZE), /filter must have version/],
      ['follow', {pids: 1}, /pids must be an array/],
      ['follow', {pids: ['1']}, /pids must be a number/],
      ['follow', {pids: [-1]}, /pids is out of range/],
    ];
    for (const [field, value, message] of wrong) {
      assert.throws(() => new addon.Tracer({...TRACER_OPTIONS, [field]: value}), message);
    }
    for (const options of [undefined, null, 1, 'x']) {
      assert.throws(() => new addon.Tracer(options as unknown as TracerOptions), /options must be an object/);
    }
  });

  it('throws if a method is called on another object', () => {
    const names = ['read', 'stop', 'close', 'stats'] as const;
    const methods = addon.Tracer.prototype as Record<(typeof names)[number], (this: unknown) => unknown>;
    for (const name of names) {
      assert.throws(() => methods[name].call({}));
    }
  });
});

describe('running tracer', function () {
  this.timeout(60_000);

  before(function () {
    if (!IS_ROOT) skip(this, 'only root can trace');
  });

  it('two tracers both receive every event', async () => {
    const tracers = [new addon.Tracer(TRACER_OPTIONS), new addon.Tracer(TRACER_OPTIONS)];
    await oneConnection();
    const counts = await Promise.all(tracers.map(drain));
    for (const tracer of tracers) tracer.close();
    assert.deepEqual(counts, [4, 4]);
  });

  it('the kernel applies filters: excluded events produce no record', async () => {
    const uid = process.getuid?.() ?? 0;
    const netns = statSync('/proc/self/ns/net').ino;
    const comm = readFileSync('/proc/self/comm', 'utf8').trim();
    const ports = {endpoint: 'either', ports: [1, 2]} as const;
    const loopback = {endpoint: 'local', network: {address: '127.0.0.0', prefixLength: 8}} as const;
    const cases: [Partial<Filter>, number][] = [
      [{uids: [uid + 1, uid]}, 4],
      [{uids: [uid + 1]}, 0],
      [{netns: [1, netns]}, 4],
      [{netns: [1]}, 0],
      [{pids: [1]}, 0],
      [{excludePids: [1, process.pid]}, 0],
      [{excludePids: [1]}, 4],
      [{excludeUids: [uid]}, 0],
      [{excludeUids: [uid + 1]}, 4],
      [{excludeNetns: [netns]}, 0],
      [{excludeNetns: [1]}, 4],
      [{comms: ['x', comm]}, 4],
      [{comms: [`${comm.slice(0, 2)}*${comm.slice(-1)}`]}, 4],
      [{comms: [`${comm}x`, comm.slice(1)]}, 0],
      [{excludeComms: ['x', `*${comm.slice(1)}`]}, 0],
      [{excludeComms: ['x']}, 4],
      [{endpoints: [{kind: 'include', tests: [ports]}]}, 0],
      [{endpoints: [{kind: 'exclude', tests: [ports]}]}, 4],
      [{endpoints: [{kind: 'exclude', tests: [loopback]}]}, 0],
      [{families: [6]}, 0],
      [{events: ['close']}, 2],
    ];
    const tracers = cases.map(([filter]) => new addon.Tracer({...TRACER_OPTIONS, filter: filterOf(filter)}));
    await oneConnection();
    const counts = await Promise.all(tracers.map(drain));
    for (const tracer of tracers) tracer.close();
    assert.deepEqual(
      counts,
      cases.map(([, count]) => count),
    );
  });

  it('the kernel applies refusals of a cgroup for a second', async () => {
    const tracer = new addon.Tracer({...TRACER_OPTIONS, refusesCgroups: true});
    await oneConnection();
    const batch = await tracer.read();
    assert.ok(batch);
    const id = Number(batch.records.readBigUInt64LE(Offset.cgroup));
    tracer.refuseCgroup(id + 2 ** 32, 1);
    await oneConnection();
    for (const refusals of [1, 2]) {
      tracer.refuseCgroup(id, refusals);
      await oneConnection();
      await setTimeout(1200);
      await oneConnection();
    }
    const inFirst = batch.records.length / EVENT_SIZE;
    const after = await drain(tracer);
    tracer.close();
    assert.equal(inFirst + after, 4 * 4);
  });

  it('works in a worker thread, and is unloaded when the worker is terminated', async () => {
    const worker = new Worker(
      `const {parentPort, workerData} = require('node:worker_threads');
       const addon = require(workerData.addon);
       const tracer = new addon.Tracer(workerData.options);
       tracer.read().then((batch) => parentPort.postMessage(batch.records.length));
       parentPort.postMessage('attached');`,
      {eval: true, workerData: {addon: ADDON, options: TRACER_OPTIONS}},
    );
    assert.deepEqual(await once(worker, 'message'), ['attached']);
    const [[bytes]] = await Promise.all([once(worker, 'message') as Promise<[number]>, oneConnection()]);
    assert.ok(bytes > 0 && bytes % EVENT_SIZE === 0);
    const programs = programsOf('self');
    assert.ok(programs.length > 0);
    await worker.terminate();
    assert.deepEqual(programs.filter(isInKernel), []);
  });

  it('allows one read() at a time, returns null once stopped, and can be closed at any moment', async () => {
    const tracer = new addon.Tracer(TRACER_OPTIONS);
    const pending = tracer.read();
    assert.throws(() => tracer.read(), /already waiting/);
    tracer.close();
    assert.equal(await pending, null);
    assert.equal(await tracer.read(), null);
    tracer.close();
    tracer.stop();
    assert.throws(() => tracer.stats(), /closed/);
    assert.deepEqual(tracer.notes, []);
  });

  it('attaches while signals arrive, such as those of a profiler', () => {
    const script = `new (require(${JSON.stringify(ADDON)}).Tracer)(${tracerOptionsSource()}).close()`;
    const directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    const profile = ['--cpu-prof', '--cpu-prof-interval=50', `--cpu-prof-dir=${directory}`];
    try {
      const {status, stderr} = spawnSync(process.execPath, [...profile, '-e', script], {encoding: 'utf8'});
      assert.deepEqual([status, stderr], [0, '']);
    } finally {
      rmSync(directory, {recursive: true});
    }
  });

  it('leaks no descriptors, threads or programs in 20 starts', async () => {
    const measure = (): number[] => [
      count('/proc/self/fd'),
      count('/proc/self/task'),
      programsOf('self').length,
    ];
    const run = async (): Promise<void> => {
      const tracer = new addon.Tracer(TRACER_OPTIONS);
      await drain(tracer);
      tracer.close();
    };
    await run();
    const before = measure();
    for (let i = 0; i < 20; i++) await run();
    assert.deepEqual(measure(), before);
  });

  it('is unloaded when it is garbage-collected', () => {
    const {stdout} = runAlone(
      `new addon.Tracer(options);
       const held = () => require('fs').readdirSync('/proc/self/fd').length;
       const most = held(); let turns = 0;
       const turn = () => { gc(); if (held() > most - 10 && ++turns < 100) setImmediate(turn); else console.log(most - held() > 10); };
       setImmediate(turn);`,
      '--expose-gc',
    );
    assert.equal(stdout, 'true\n');
  });

  it('is unloaded when the process exits without closing it', async () => {
    const {status, stdout} = runAlone(
      `const tracer = new addon.Tracer(options); tracer.read();
       const {readdirSync, readFileSync, writeSync} = require('fs');
       const ids = readdirSync('/proc/self/fdinfo').map((fd) => { try { return readFileSync('/proc/self/fdinfo/' + fd, 'utf8'); } catch { return ''; } })
         .join('').match(/(?<=prog_id:\\s*)\\d+/g);
       writeSync(1, JSON.stringify(ids)); process.exit(7);`,
    );
    const programs = JSON.parse(stdout) as string[];
    assert.equal(status, 7);
    assert.ok(programs.length > 0);
    // a kernel worker frees the links of an exited process (bpf_link_put(), since Linux 5.8)
    await until(() => !programs.some(isInKernel), 'the programs to be unloaded');
  });

  it('does not keep the process alive without a pending read()', () => {
    assert.equal(runAlone('globalThis.tracer = new addon.Tracer(options);').status, 0);
  });
});
