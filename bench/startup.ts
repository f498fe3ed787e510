/** Measures the time from launch to readiness and its parts. Usage: npm run bench:startup -- [ROUNDS] */
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {onLines} from '../test/helpers/lines.js';
import {CLI} from '../test/helpers/tracer.js';
import {createLoad} from './load.js';
import {median, report, round} from './report.js';

const [rounds = 20] = process.argv.slice(2).map(Number);

function time(args: readonly string[]): number {
  const begin = performance.now();
  spawnSync(process.execPath, args);
  return performance.now() - begin;
}

/** Returns the milliseconds until a line of stdout or stderr matches. */
async function timeUntil(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, [CLI, 'watch', '--ndjson']);
  const closed = once(child, 'close');
  const seen = await new Promise<number>((resolve) => {
    onLines(child[stream], (line) => {
      if (pattern.test(line)) resolve(performance.now() - begin);
    });
    // the process cannot exit until its other stream is read
    child[stream === 'stdout' ? 'stderr' : 'stdout'].resume();
  });
  child.kill('SIGINT');
  await closed;
  return seen;
}

const ADDON = "const {loadAddon} = await import('#dist/kernel/addon.js');";
const TRACER = `const {trace} = await import('#dist/trace.js');`;
const inProject = (script: string): number => {
  const begin = performance.now();
  const cwd = new URL('../..', import.meta.url);
  spawnSync(process.execPath, ['--input-type=module', '-e', script], {cwd});
  return performance.now() - begin;
};

const load = await createLoad();
const over = new AbortController();
const traffic = (async () => {
  while (!over.signal.aborted) await load.run(1);
})();
const CASES: Readonly<Record<string, () => number | Promise<number>>> = {
  'node -e 0': () => time(['-e', '0']),
  'tcptrace --version': () => time([CLI, '--version']),
  'tcptrace watch --help': () => time([CLI, 'watch', '--help']),
  'rejected command line': () => time([CLI, 'watch', '--count', '0']),
  'node, load the addon': () => inProject(`${ADDON} loadAddon();`),
  'node, attach and detach': () =>
    inProject(`${TRACER} const t = trace({signal: AbortSignal.abort()}); for await (const _ of t.events);`),
  'watch: launch to ready': () => timeUntil('stderr', /\(ready\)$/),
  'watch: launch to first event': () => timeUntil('stdout', /^\{/),
};
const times = new Map(Object.keys(CASES).map((name) => [name, [] as number[]]));
for (let done = 0; done < rounds; done++)
  for (const [name, run] of Object.entries(CASES)) times.get(name)?.push(await run());
over.abort();
await traffic;
await load.stop();
report(
  'startup',
  [...times].map(([measured, values]) => ({
    measured,
    'ms, median': round(median(values)),
    'ms, most': round(Math.max(...values)),
  })),
);

function medianOf(name: string): number {
  return median(times.get(name) ?? []);
}

const bareMs = medianOf('node -e 0');
const addonMs = medianOf('node, load the addon');
report('startup-breakdown', [
  {part: 'Node.js', ms: round(bareMs)},
  {part: 'framework and command line', ms: round(medianOf('rejected command line') - bareMs)},
  {part: 'addon', ms: round(addonMs - bareMs)},
  {part: 'load, attach and detach', ms: round(medianOf('node, attach and detach') - addonMs)},
]);
