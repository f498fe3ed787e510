/**
 * Measures how much tracing slows a program that only connects and closes, and the run time of each BPF program.
 * Usage: npm run bench:kernel -- [--kernel KERNEL] [--probe PROBE...] [CONNECTIONS [ROUNDS]]
 *
 * Each round runs with and without a tracer, in short bursts. Other load only adds time to some bursts, so the fastest
 * tenth of all bursts shows the cost of tracing; the pairs of a round show how much the machine varies.
 *
 * --kernel runs on a kernel of test/kernels in QEMU, where an instruction takes a nanosecond: only ratios are meaningful.
 */
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import {quantile} from '#dist/compare/quantile.js';
import {runEmulated, SETTLE} from './emulated.js';
import {createLoad, type Load} from './load.js';
import {median, publish, report, round, type Row} from './report.js';
import {startTraced} from './traced.js';

const {values, positionals} = parseArgs({
  options: {kernel: {type: 'string'}, probe: {type: 'string', multiple: true}},
  allowPositionals: true,
});
const {kernel, probe: probes = kernel === undefined ? ['auto'] : ['fentry', 'kprobe', 'tracepoint']} = values;
// in QEMU connections are slow, and times repeat exactly
const [connections = kernel === undefined ? 20_000 : 1000, rounds = 10] = positionals.map(Number);
/**
 * Bursts per round and warm-up connections (until V8 has compiled the hot code). With icount, times repeat, and the only
 * CPU also runs the tracer, so one long burst measures both.
 */
const [BURSTS, WARM_UP] = process.env.TCPTRACE_VM === '1' ? [1, 5000] : [10, 20_000];
const STATS = '/proc/sys/kernel/bpf_stats_enabled';

interface ProgramStats {
  readonly name: string;
  readonly run_time_ns?: number;
  readonly run_cnt?: number;
}

/** Reads run time and runs by program name; copies of a program are summed. */
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

/** Returns the microseconds per connection of each burst. */
async function measureBursts(load: Load): Promise<number[]> {
  const each = Math.ceil(connections / BURSTS);
  const times: number[] = [];
  for (let burst = 0; burst < BURSTS; burst++) times.push(((await load.run(each)) / each) * 1e6);
  return times;
}

/** Returns the slowdown in percent. */
function slowdown(during: number, before: number): number {
  return round((during / before - 1) * 100, 1);
}

async function measureSlowdown(load: Load, probe: string, threads: string): Promise<Row> {
  const pairs: {before: number[]; during: number[]}[] = [];
  for (let pair = 0; pair < rounds; pair++) {
    const before = await measureBursts(load);
    const traced = await startTraced(['--ndjson', '--probe', probe], 'ignore');
    await load.run(WARM_UP);
    const during = await measureBursts(load);
    await traced.stop();
    pairs.push({before, during});
  }
  const fastest = (which: 'before' | 'during'): number =>
    quantile(
      pairs.flatMap((pair) => pair[which]),
      0.1,
    );
  const each = pairs.map(({before, during}) => slowdown(median(during), median(before)));
  return {
    probe,
    threads,
    'us per connection, alone': round(fastest('before'), 2),
    'slowdown, fastest tenth %': slowdown(fastest('during'), fastest('before')),
    'median of pairs %': median(each),
    'least %': Math.min(...each),
    'most %': Math.max(...each),
    pairs: rounds,
  };
}

async function measurePrograms(load: Load, probe: string): Promise<Row[]> {
  const traced = await startTraced(['--ndjson', '--probe', probe], 'ignore');
  const before = readPrograms();
  await load.run(connections);
  const after = readPrograms();
  await traced.stop();
  return [...after].flatMap(([program, {ns, runs}]) => {
    const earlier = before.get(program) ?? {ns: 0, runs: 0};
    const ran = runs - earlier.runs;
    return ran < connections / 10
      ? []
      : [
          {
            probe,
            program,
            'runs per connection': round(ran / connections, 2),
            'ns per run': Math.round((ns - earlier.ns) / ran),
            'ns per connection': Math.round((ns - earlier.ns) / connections),
          },
        ];
  });
}

async function measure(): Promise<void> {
  const [together, apart] = [await createLoad(), await createLoad(1, 'apart')];
  const slowdowns: Row[] = [];
  for (const [threads, load] of [
    ['one', together],
    ['client and server', apart],
  ] as const) {
    await load.run(connections);
    for (const probe of probes) slowdowns.push(await measureSlowdown(load, probe, threads));
  }
  report('slowdown', slowdowns);

  const wasEnabled = readFileSync(STATS, 'utf8');
  writeFileSync(STATS, '1');
  const programs: Row[] = [];
  for (const probe of probes) programs.push(...(await measurePrograms(together, probe)));
  writeFileSync(STATS, wasEnabled);
  await together.stop();
  await apart.stop();
  report('kernel', programs);
}

if (kernel === undefined) await measure();
else {
  const flags = probes.map((probe) => `--probe ${probe}`).join(' ');
  const command = `node build/bench/slowdown.js ${flags} ${String(connections)} ${String(rounds)}`;
  const {reports} = await runEmulated({kernel, icount: true, command: `${SETTLE}; ${command}`});
  for (const found of reports) publish({...found, name: `${found.name}-${kernel}`});
}
