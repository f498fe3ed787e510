/**
 * What is compared, one after the other in each round, in a virtual machine. Usage: node guest.js CONNECTIONS ROUNDS LAUNCHES WAY...
 */
import {execFileSync} from 'node:child_process';
import {mkdirSync} from 'node:fs';
import {createLoad, EVENTS_EACH, type Load} from '../load.js';
import {median, report, round} from '../report.js';
import {timeToFirstEvent} from './launch.js';
import {startPeer} from './peer.js';
import {NO_WAY, PEERS_ROOT, type Way, WAYS} from './ways.js';

const [connections = 1000, rounds = 3, launches = 3] = process.argv.slice(2, 5).map(Number);
const names = process.argv.slice(5);

/** One run of one way. */
interface Run {
  readonly slowdown: number;
  /** Less the CPU time that the way itself took of it, on the one CPU: what the kernel does for it. */
  readonly kernelSlowdown: number;
  readonly share: number;
  readonly cpuS: number;
  readonly peakRssBytes: number;
}

/** With what the way needs of the machine. */
async function prepared<T>({prepare, restore}: Way, body: () => Promise<T>): Promise<T> {
  if (prepare !== undefined) execFileSync('sh', ['-c', prepare]);
  try {
    return await body();
  } finally {
    if (restore !== undefined) execFileSync('sh', ['-c', restore]);
  }
}

/** @param beforeS seconds that the connections take alone */
async function measure(load: Load, way: Way, beforeS: number): Promise<Run> {
  const peer = await startPeer(way);
  // it gets warm
  await load.run(connections / 5);
  if (!way.polls) await peer.settled();
  const [begin, during, end] = [peer.cpuS(), await load.run(connections), peer.cpuS()];
  if (!way.polls) await peer.settled();
  const cpuS = way.polls ? NaN : peer.cpuS() - begin;
  const {lines, peakRssBytes} = await peer.stop();
  const port = new RegExp(`\\b${String(load.ports[0])}\\b`);
  return {
    slowdown: during / beforeS - 1,
    kernelSlowdown: (during - (end - begin)) / beforeS - 1,
    share: way.countEvents(lines.filter((line) => port.test(line))) / (connections * 1.2 * EVENTS_EACH),
    cpuS,
    peakRssBytes,
  };
}

/** What two runs with nothing between them differ by. */
async function measureNothing(load: Load, beforeS: number): Promise<Run> {
  const slowdown = (await load.run(connections)) / beforeS - 1;
  return {slowdown, kernelSlowdown: slowdown, share: 0, cpuS: 0, peakRssBytes: 0};
}

for (const name of ['proc', 'sys', 'dev']) {
  mkdirSync(`${PEERS_ROOT}/${name}`, {recursive: true});
  execFileSync('mount', ['--rbind', `/${name}`, `${PEERS_ROOT}/${name}`]);
}

const load = await createLoad();
await load.run(connections);
const runs = new Map<string, Run[]>([NO_WAY, ...names].map((name) => [name, []]));
const firsts = new Map<string, number[]>(names.map((name) => [name, []]));
for (let round_ = 0; round_ < rounds; round_++)
  for (const [name, done] of runs) {
    const way = WAYS[name];
    if (round_ > 0 && way?.isSlow) continue;
    const beforeS = await load.run(connections);
    done.push(
      way ? await prepared(way, () => measure(load, way, beforeS)) : await measureNothing(load, beforeS),
    );
    console.log(`${name}: ${JSON.stringify(done.at(-1))}`);
  }
for (let launch = 0; launch < launches; launch++)
  for (const [name, times] of firsts) {
    const way = WAYS[name];
    if (!way || way.polls || (launch > 0 && way.isSlow)) continue;
    times.push(await prepared(way, () => timeToFirstEvent(load, way)));
    console.log(`${name}: ${String(times.at(-1))} ms`);
  }
await load.stop();

const percent = (share: number): number => round(share * 100);
const known = (value: number): number | string => (Number.isNaN(value) ? '' : value);
report(
  'peers',
  [...runs].map(([name, done]) => {
    const slowdowns = done.map(({slowdown}) => slowdown);
    const of = (pick: (run: Run) => number): number => median(done.map(pick));
    return {
      way: name,
      'events reported %': percent(Math.min(...done.map(({share}) => share))),
      'slowdown, median %': percent(median(slowdowns)),
      'least to most %': `${String(percent(Math.min(...slowdowns)))} to ${String(percent(Math.max(...slowdowns)))}`,
      'of it in the kernel %': known(percent(of(({kernelSlowdown}) => kernelSlowdown))),
      'CPU s per 1M events': known(round((of(({cpuS}) => cpuS) / (connections * EVENTS_EACH)) * 1e6, 2)),
      'peak RSS MB': round(of(({peakRssBytes}) => peakRssBytes) / 1e6),
      'launch to first event, ms': known(round(median(firsts.get(name) ?? []), 0)),
    };
  }),
);
