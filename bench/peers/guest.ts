/**
 * Runs the tools one after another in each round, inside the virtual machine.
 * Usage: node guest.js CONNECTIONS ROUNDS LAUNCHES TOOL...
 */
import {execFileSync} from 'node:child_process';
import {mkdirSync} from 'node:fs';
import {createLoad, EVENTS_EACH, type Load} from '../load.js';
import {median, report, round} from '../report.js';
import {timeToFirstEvent} from './launch.js';
import {startPeer} from './peer.js';
import {NO_TOOL, PEERS_ROOT, type Tool, TOOLS} from './tools.js';

const [connections = 1000, rounds = 3, launches = 3] = process.argv.slice(2, 5).map(Number);
const names = process.argv.slice(5);

/** Results of one run of a tool. */
interface Run {
  readonly slowdown: number;
  /** Slowdown without the tool's own CPU time (on one CPU): the kernel's part. */
  readonly kernelSlowdown: number;
  readonly share: number;
  readonly cpuS: number;
  readonly peakRssBytes: number;
}

/** Runs `body` between the tool's prepare and restore commands. */
async function prepared<T>({prepare, restore}: Tool, body: () => Promise<T>): Promise<T> {
  if (prepare !== undefined) execFileSync('sh', ['-c', prepare]);
  try {
    return await body();
  } finally {
    if (restore !== undefined) execFileSync('sh', ['-c', restore]);
  }
}

/** @param beforeS seconds that the connections take without a tool */
async function measure(load: Load, tool: Tool, beforeS: number): Promise<Run> {
  const peer = await startPeer(tool);
  // warm up
  await load.run(connections / 5);
  if (!tool.polls) await peer.settled();
  const [begin, during, end] = [peer.cpuS(), await load.run(connections), peer.cpuS()];
  if (!tool.polls) await peer.settled();
  const cpuS = tool.polls ? NaN : peer.cpuS() - begin;
  const {lines, peakRssBytes} = await peer.stop();
  const port = new RegExp(`\\b${String(load.ports[0])}\\b`);
  return {
    slowdown: during / beforeS - 1,
    kernelSlowdown: (during - (end - begin)) / beforeS - 1,
    share: tool.countEvents(lines.filter((line) => port.test(line))) / (connections * 1.2 * EVENTS_EACH),
    cpuS,
    peakRssBytes,
  };
}

/** Measures the difference between two runs without a tool. */
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
const runs = new Map<string, Run[]>([NO_TOOL, ...names].map((name) => [name, []]));
const firsts = new Map<string, number[]>(names.map((name) => [name, []]));
for (let round_ = 0; round_ < rounds; round_++)
  for (const [name, done] of runs) {
    const tool = TOOLS[name];
    if (round_ > 0 && tool?.isSlow) continue;
    const beforeS = await load.run(connections);
    done.push(
      tool ? await prepared(tool, () => measure(load, tool, beforeS)) : await measureNothing(load, beforeS),
    );
    console.log(`${name}: ${JSON.stringify(done.at(-1))}`);
  }
for (let launch = 0; launch < launches; launch++)
  for (const [name, times] of firsts) {
    const tool = TOOLS[name];
    if (!tool || tool.polls || (launch > 0 && tool.isSlow)) continue;
    times.push(await prepared(tool, () => timeToFirstEvent(load, tool)));
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
      tool: name,
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
