/**
 * Measures tracing on a host full of containers: 50 network namespaces, each with 10 lasting connections and a new short
 * one every second. Traces with eBPF and by /proc scans at the same time, each in its own process.
 * Usage: npm run bench:containers -- [SECONDS [NAMESPACES]]
 */
import {availableParallelism, loadavg, release} from 'node:os';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {startWatch, type TracerProcess} from '#dist/cli/compare/tracer-process.js';
import {Actor} from '../test/helpers/actor.js';
import {ROOT} from '../test/helpers/machine.js';
import {Netns} from '../test/helpers/netns.js';
import {connectPair} from '../test/helpers/pair.js';
import type {Sock} from '../test/helpers/sock.js';
import {printScans} from './scans.js';

const [seconds = 60, namespaces = 50] = process.argv.slice(2).map(Number);
const LASTING = 10;
/** Lifetime of a short connection. */
const SHORT_MS = 20;

const cli = path.join(ROOT, 'bin/run.js');
const EVENTS = ['--event', 'connect,accept,close'];
const TRACERS: Readonly<Record<string, readonly string[]>> = {
  eBPF: [],
  '/proc, every second': ['--proc', '--interval', '1s'],
  '/proc, every 10 seconds': ['--proc', '--interval', '10s'],
};

interface Container {
  readonly actor: Actor;
  readonly listener: Sock;
}

async function populate(netns: Netns): Promise<Container> {
  const actor = await Actor.start();
  await actor.do('netns', netns.path);
  const listener = await actor.listen('127.0.0.1');
  for (let i = 0; i < LASTING; i++) await connectPair(actor, '127.0.0.1');
  return {actor, listener};
}

/** Makes a short connection; returns the inodes of both sockets. */
async function connectBriefly({actor, listener}: Container): Promise<number[]> {
  const client = await actor.socket(4);
  await client.connect('127.0.0.1', listener.port);
  const server = await listener.accept();
  await setTimeout(SHORT_MS);
  await client.close();
  await server.close();
  return [client.inode, server.inode];
}

/** Makes a connection per second, at an offset that depends on `index`; returns the inodes of all sockets. */
async function makeTraffic(container: Container, index: number): Promise<number[]> {
  const inodes: number[] = [];
  const begin = performance.now() + (1000 * index) / namespaces;
  for (let second = 0; second < seconds; second++) {
    await setTimeout(Math.max(0, begin + 1000 * second - performance.now()));
    inodes.push(...(await connectBriefly(container)));
  }
  return inodes;
}

const spaces = Array.from({length: namespaces}, () => new Netns());
const containers = await Promise.all(spaces.map(populate));
const watchers = new Map<string, TracerProcess>();
for (const [name, flags] of Object.entries(TRACERS))
  watchers.set(name, await startWatch([...EVENTS, ...flags], cli));

const truth = (await Promise.all(containers.map(makeTraffic))).flat();
const costs = new Map([...watchers].map(([name, watcher]) => [name, watcher.measure()]));
for (const watcher of watchers.values()) await watcher.stop();
for (const {actor} of containers) await actor[Symbol.asyncDispose]();
for (const netns of spaces) netns[Symbol.dispose]();

/** Percentage of the short connections' sockets that were reported. */
function share(watcher: TracerProcess): string {
  const seen = new Set([...watcher.ledger.lives.values()].flat().map(({inode}) => inode));
  return `${((100 * truth.filter((inode) => seen.has(inode)).length) / truth.length).toFixed(2)} %`;
}

const reference = costs.get('eBPF')?.cpuMs ?? NaN;
console.log(
  `${String(namespaces)} network namespaces, ${String(LASTING)} lasting connections and a new one of ${String(SHORT_MS)} ms ` +
    `each second in each, ${String(seconds)} s; Linux ${release()}, ${String(availableParallelism())} CPUs, ` +
    `load ${loadavg()[0]?.toFixed(1) ?? ''}\n`,
);
console.log('| source | short connections reported | CPU ms per second | relative to eBPF | peak MB |');
console.log('| --- | --- | --- | --- | --- |');
for (const [name, watcher] of watchers) {
  const {cpuMs = NaN, peakRssBytes = NaN} = costs.get(name) ?? {};
  const columns = [name, share(watcher), (cpuMs / seconds).toFixed(2), `${(cpuMs / reference).toFixed(1)} x`];
  console.log(`| ${columns.join(' | ')} | ${(peakRssBytes / 2 ** 20).toFixed(0)} |`);
}
printScans(watchers);
