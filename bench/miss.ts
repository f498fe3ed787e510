/**
 * Measures the short connections missed by eBPF and by /proc scans at several intervals, all at the same time.
 * Usage: npm run bench:miss -- [SECONDS [CONNECTIONS [SVG]]]
 * CONNECTIONS of each lifetime begin within SECONDS; SVG is a file for the plot.
 */
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import {type AddressInfo, connect, createServer} from 'node:net';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {startWatch, type TracerProcess} from '#dist/cli/compare/tracer-process.js';
import {ROOT} from '../test/helpers/machine.js';
import {type Missed, plotMissed} from './miss-plot.js';
import {machine, median, report, round} from './report.js';
import {printScans} from './scans.js';

const [seconds = 60, connections = 300] = process.argv.slice(2, 4).map(Number);
const svg = process.argv[4];

const LIFETIMES_MS = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000];
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  '/proc, 100 ms': ['--proc', '--interval', '100ms'],
  '/proc, 1 s': ['--proc', '--interval', '1s'],
  '/proc, 10 s': ['--proc', '--interval', '10s'],
  eBPF: [],
};

/** A connection, identified by its unique local address. */
interface Made {
  readonly address: string;
  readonly livedMs: number;
}

async function connectFor(port: number, localAddress: string, lifetimeMs: number): Promise<Made> {
  const socket = connect({host: '127.0.0.1', port, localAddress});
  await once(socket, 'connect');
  const begin = performance.now();
  await setTimeout(lifetimeMs);
  const livedMs = performance.now() - begin;
  socket.destroy();
  return {address: localAddress, livedMs};
}

/** Starts connections at even intervals with random jitter, so that they meet scans in every phase. */
async function connectAll(port: number, lifetimeMs: number, net: number): Promise<Made[]> {
  const begin = performance.now();
  return Promise.all(
    Array.from({length: connections}, async (_, index) => {
      const dueMs = ((index + Math.random()) * seconds * 1000) / connections;
      await setTimeout(Math.max(0, begin + dueMs - performance.now()));
      return connectFor(port, `127.${String(net)}.${String(index >> 8)}.${String(index & 255)}`, lifetimeMs);
    }),
  );
}

const server = createServer((socket) => socket.resume().on('error', () => undefined)).listen(0, '127.0.0.1');
await once(server, 'listening');
const {port} = server.address() as AddressInfo;
const watchers = new Map<string, TracerProcess>();
for (const [source, flags] of Object.entries(SOURCES))
  watchers.set(source, await startWatch(['--port', String(port), ...flags], path.join(ROOT, 'bin/run.js')));

const made = await Promise.all(
  LIFETIMES_MS.map(async (lifetimeMs, index) => connectAll(port, lifetimeMs, index + 1)),
);
for (const watcher of watchers.values()) await watcher.stop();
server.close();

const seen = new Map(
  [...watchers].map(([source, {ledger}]) => [
    source,
    new Set([...ledger.lives.values()].flat().map(({laddr}) => laddr)),
  ]),
);

function missedPercent(source: string, all: readonly Made[]): number {
  const missed = all.filter(({address}) => seen.get(source)?.has(address) !== true);
  return round((100 * missed.length) / all.length, 2);
}

const figures: Missed[] = made.flatMap((all) =>
  [...seen.keys()].map((source) => ({
    source,
    lifetimeMs: round(median(all.map(({livedMs}) => livedMs)), 2),
    missedPercent: missedPercent(source, all),
  })),
);
report(
  'miss',
  made.map((all) => ({
    'lived ms, median': round(median(all.map(({livedMs}) => livedMs)), 2),
    connections: all.length,
    ...Object.fromEntries(
      [...seen.keys()].map((source) => [`${source}: missed %`, missedPercent(source, all)]),
    ),
  })),
);
printScans(watchers);
if (svg !== undefined) writeFileSync(svg, plotMissed(figures, `npm run bench:miss, ${machine()}`));
