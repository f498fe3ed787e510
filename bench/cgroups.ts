/**
 * Measures the cost of filters by cgroup and container, beside many other cgroups: for a process in one cgroup, and for
 * a new process in a new cgroup for each connection. Each filter excludes or includes all of these connections.
 * Usage: npm run bench:cgroups -- [CONNECTIONS [CGROUPS]]
 */
import {mkdirSync, rmdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {findMount} from '#dist/enrich/cgroups.js';
import {createLoad, EVENTS_EACH, type Load} from './load.js';
import {report, round, type Row} from './report.js';
import {startTraced, type Traced} from './traced.js';

const [connections = 20_000, cgroups = 4000] = process.argv.slice(2).map(Number);
/** An idle tracer takes less CPU time per poll. */
const IDLE_MS = 5;
const POLL_MS = 300;
const CONTAINER = 'beef'.repeat(16);

const mount = findMount();
if (mount === undefined) throw new Error('no unified hierarchy of cgroups is mounted');
const outer = path.join(mount, `tcptrace-bench-${String(process.pid)}`);
const container = path.join(outer, `docker-${CONTAINER}.scope`);
const name = (index: number): string => `docker-${index.toString(16).padStart(64, '0')}.scope`;
const beside = Array.from({length: cgroups}, (_, index) => path.join(outer, name(index)));

const FILTERS: Readonly<Record<string, readonly string[]>> = {
  none: [],
  '--uid, excludes all': ['--uid', '12345'],
  '--cgroup, excludes all': ['--cgroup', '/tcptrace-bench-none'],
  '--container, excludes all': ['--container', 'no-such-container'],
  '--not-container, excludes all': ['--not-container', CONTAINER],
  '--container, includes all': ['--container', CONTAINER],
};

/** Waits until the tracer has handled all events; returns its CPU time so far in milliseconds. */
async function settle({usage}: Traced): Promise<number> {
  for (let before = NaN; ;) {
    const {cpuMs} = usage();
    if (cpuMs - before < IDLE_MS) return cpuMs;
    before = cpuMs;
    await setTimeout(POLL_MS);
  }
}

/** @param count number of connections */
async function measure(flags: readonly string[], load: Load, count: number) {
  const traced = await startTraced(['--ndjson', ...flags], 'ignore');
  await load.run(count / 10);
  const before = await settle(traced);
  const seconds = await load.run(count);
  const cpuMs = (await settle(traced)) - before;
  const {events, lost} = await traced.stop();
  return {seconds, us: (cpuMs * 1000) / (count * EVENTS_EACH), events, lost};
}

async function measureAll(processes: string, load: Load, count: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let reference = NaN;
  for (const [filter, flags] of Object.entries(FILTERS)) {
    const {seconds, us, events, lost} = await measure(flags, load, count);
    if (filter === 'none') reference = us;
    rows.push({
      processes,
      filter,
      'events/s': Math.round((count * EVENTS_EACH) / seconds),
      events,
      lost,
      'CPU \u00b5s per event': round(us, 2),
      'relative to none': round(us / reference, 2),
    });
  }
  await load.stop();
  return rows;
}

async function measureBoth(): Promise<readonly Row[]> {
  const one = await createLoad();
  for (const pid of one.pids) writeFileSync(path.join(container, 'cgroup.procs'), String(pid));
  return [
    ...(await measureAll('in one cgroup', one, connections)),
    ...(await measureAll(
      'each in a new cgroup',
      await createLoad(1, {cgroups: container}),
      connections / 10,
    )),
  ];
}

mkdirSync(container, {recursive: true});
for (const cgroup of beside) mkdirSync(cgroup);
try {
  report('cgroups', await measureBoth());
} finally {
  for (const cgroup of [...beside, container, outer]) rmdirSync(cgroup);
}
