/**
 * What tracing costs those who are traced: a program that only connects and closes, with and without a tracer in turn, and the
 * time of each BPF program. Usage: npm run bench:kernel -- [CONNECTIONS [ROUNDS]]
 */
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {createLoad} from './load.js';
import {median, report, round} from './report.js';
import {startTraced} from './traced.js';

const [connections = 20_000, rounds = 10] = process.argv.slice(2).map(Number);
const STATS = '/proc/sys/kernel/bpf_stats_enabled';

interface ProgramStats {
  readonly name: string;
  readonly run_time_ns?: number;
  readonly run_cnt?: number;
}

/** Of each program, by name; where there are several copies, together. */
function readPrograms(): Map<string, {ns: number; runs: number}> {
  const programs = JSON.parse(
    execFileSync('bpftool', ['prog', 'show', '-j'], {encoding: 'utf8'}),
  ) as ProgramStats[];
  const found = new Map<string, {ns: number; runs: number}>();
  for (const {name, run_time_ns: ns = 0, run_cnt: runs = 0} of programs) {
    const known = found.get(name) ?? {ns: 0, runs: 0};
    found.set(name, {ns: known.ns + ns, runs: known.runs + runs});
  }
  return found;
}

const load = await createLoad();
await load.run(connections);
const ratios: number[] = [];
const alone: number[] = [];
for (let round_ = 0; round_ < rounds; round_++) {
  const before = await load.run(connections);
  const traced = await startTraced(['--ndjson'], 'ignore');
  const during = await load.run(connections);
  await traced.stop();
  alone.push(before);
  ratios.push(during / before);
}
const sorted = [...ratios].sort((a, b) => a - b);
report('slowdown', [
  {
    'us per connection, alone': round((median(alone) / connections) * 1e6, 2),
    'slowdown, median %': round((median(ratios) - 1) * 100, 1),
    'least %': round(((sorted[0] ?? NaN) - 1) * 100, 1),
    'most %': round(((sorted.at(-1) ?? NaN) - 1) * 100, 1),
    pairs: rounds,
  },
]);

const wasEnabled = readFileSync(STATS, 'utf8');
writeFileSync(STATS, '1');
const traced = await startTraced(['--ndjson'], 'ignore');
const others = readPrograms();
await load.run(connections);
const all = readPrograms();
await traced.stop();
writeFileSync(STATS, wasEnabled);
await load.stop();
const rows = [...all].flatMap(([program, {ns, runs}]) => {
  const earlier = others.get(program) ?? {ns: 0, runs: 0};
  const ran = runs - earlier.runs;
  return ran < connections / 10
    ? []
    : [
        {
          program,
          'runs per connection': round(ran / connections, 2),
          'ns per run': Math.round((ns - earlier.ns) / ran),
          'ns per connection': Math.round((ns - earlier.ns) / connections),
        },
      ];
});
report('kernel', rows);
