/**
 * Load test: every event is reported or counted as lost, and memory, descriptors and threads do not grow. Exits with 1
 * on failure.
 * Usage: npm run test:load -- [--minutes N | --seconds N] [--pairs N]
 */
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import {parseArgs} from 'node:util';
import {createLoad} from '../../bench/load.js';
import {startTraced} from '../../bench/traced.js';
import {Actor} from '../helpers/actor.js';
import {countEntries} from '../helpers/kernel-objects.js';
import {PROBE} from '../helpers/machine.js';

const {values} = parseArgs({
  options: {minutes: {type: 'string'}, seconds: {type: 'string'}, pairs: {type: 'string', default: '1'}},
});
const seconds = Number(values.seconds ?? Number(values.minutes ?? 1) * 60);

const EVENTS_EACH = 4;
const HELD = 10;
const ROUND = 5_000;
const SAMPLES_MIN = 16;
/** Seconds until memory must be stable: an eighth of the run, at most a minute. */
const settledAt = Math.min(60, seconds / 8);
/** Tolerated difference of RSS peaks, which depend on garbage collection. */
const SLACK_BYTES = 16e6;

interface Sample {
  readonly second: number;
  readonly rssBytes: number;
  readonly descriptors: number;
  readonly threads: number;
}

function sample(pid: number, second: number): Sample {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  const descriptors = readdirSync(`/proc/${String(pid)}/fd`).length;
  return {second, rssBytes: field('VmRSS') * 1024, descriptors, threads: field('Threads')};
}

/** Counts the lines in a FIFO except `lost` events, independently of tcptrace. */
function countLines(fifo: string): {readonly fd: number; readonly end: () => Promise<number>} {
  execFileSync('mkfifo', [fifo]);
  const grep = spawn('sh', ['-c', `exec grep -vc '"event":"lost"' <"$0"`, fifo], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const counted = text(grep.stdout);
  const over = once(grep, 'close');
  const fd = openSync(fifo, 'w');
  return {
    fd,
    async end() {
      closeSync(fd);
      await over;
      return Number(await counted);
    },
  };
}

function mostOf(samples: readonly Sample[], field: keyof Sample): number {
  return Math.max(...samples.map((it) => it[field]));
}

function assertFlat(samples: readonly Sample[]): void {
  const settled = samples.filter(({second}) => second >= settledAt);
  const half = settled.length >> 1;
  const [first, second] = [settled.slice(0, half), settled.slice(half)];
  const [before, after] = [mostOf(first, 'rssBytes'), mostOf(second, 'rssBytes')];
  console.log(
    `RSS ${(before / 1e6).toFixed(1)} MB at most in the first half, ${(after / 1e6).toFixed(1)} MB in the second`,
  );
  assert.ok(after <= before + SLACK_BYTES, 'RSS grows');
  for (const field of ['descriptors', 'threads'] as const) {
    console.log(`${field}: ${String(mostOf(settled, field))} at most`);
    assert.equal(new Set(settled.map((it) => it[field])).size, 1, `${field} differ`);
  }
}

const folder = mkdtempSync(path.join(tmpdir(), 'tcptrace-load-'));
const load = await createLoad(Number(values.pairs));
const holder = await Actor.start();
const {fd, port} = await holder.listen('127.0.0.1');
const lines = countLines(path.join(folder, 'events'));
const pids = [...load.pids, holder.pid];
const traced = await startTraced(['--ndjson', '--probe', PROBE, '--pid', pids.join()], lines.fd);
await holder.do('hold', fd, HELD, '127.0.0.1', port);

const samples: Sample[] = [];
const begin = performance.now();
const elapsed = (): number => (performance.now() - begin) / 1000;
let connections = 0;
while (elapsed() < seconds || samples.length < SAMPLES_MIN) {
  await load.run(ROUND);
  connections += ROUND;
  samples.push(sample(traced.pid, elapsed()));
}
const took = elapsed();
const entries = countEntries(traced.pid, ({owner}) => pids.includes(owner.pid));
const {events, lost, messages} = await traced.stop();
const written = await lines.end();
await load.stop();
await holder[Symbol.asyncDispose]();
rmSync(folder, {recursive: true});

const made = connections * EVENTS_EACH + HELD * 2;
console.log(
  `${String(connections)} connections in ${took.toFixed(0)} s (${(connections / took).toFixed(0)}/s), ` +
    `${String(made)} events made, ${String(events)} reported, ${String(lost)} lost, ${String(written)} lines`,
);
for (const line of messages) console.log(line);
console.log(`${String(entries)} entries in the connection map, ${String(HELD * 2)} sockets open`);
assertFlat(samples);
assert.equal(events + lost, made, 'reported and lost events');
assert.equal(written, events, 'lines');
assert.equal(entries, HELD * 2, 'entries left in the map');
console.log('1 passed, 0 failed');
