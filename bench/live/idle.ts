/** CPU time that the visits of idle connections take. */
import {setTimeout} from 'node:timers/promises';
import {round, type Row} from '../report.js';
import {readThreads} from '../threads.js';
import {startTraced} from '../traced.js';

/** Returns the CPU time of each thread of a process during some time, in milliseconds; that of the main thread first. */
async function measureCpu(pid: number, ms: number): Promise<number[]> {
  const before = readThreads(pid);
  await setTimeout(ms);
  return [...readThreads(pid)]
    .sort(([a], [b]) => Number(b === String(pid)) - Number(a === String(pid)))
    .map(([id, {cpuNs}]) => (cpuNs - (before.get(id)?.cpuNs ?? 0)) / 1e6);
}

/** Returns the CPU time of the reader thread, which makes the visits: the busiest one besides the main thread. */
async function measureReader(pid: number, ms: number): Promise<number> {
  const [, ...others] = await measureCpu(pid, ms);
  return Math.max(...others);
}

/** Measures the first visit, which reports every connection, and the later ones, which report none. */
export async function measureVisits(sockets: number, seconds: number): Promise<Row[]> {
  const intervalMs = seconds * 100;
  const visits = 10;
  const traced = await startTraced(['--ndjson', '--update', `${String(intervalMs)}ms`], 'ignore');
  // the first visit is an interval after the start: in the middle of the time measured
  await setTimeout(intervalMs / 2);
  const first = await measureReader(traced.pid, intervalMs);
  // V8 compiles and collects garbage after the first visit, in threads of its own
  await setTimeout(2 * intervalMs);
  const later = await measureReader(traced.pid, visits * intervalMs);
  const {events, lost} = await traced.stop();
  return [
    {sockets, visit: 'first', 'CPU ms': round(first), events, lost},
    {sockets, visit: 'later', 'CPU ms': round(later / visits), events, lost},
  ];
}

/** Until the first visit has been reported, and V8 has collected its garbage. */
const SETTLE_MS = 15_000;

/** Measures the CPU time of a tracer of idle connections. */
export async function measureShare(sockets: number, seconds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const flags of [[], ['--update', '1s']]) {
    const traced = await startTraced(['--ndjson', ...flags], 'ignore');
    await setTimeout(Math.min(SETTLE_MS, seconds * 1000));
    const threads = await measureCpu(traced.pid, seconds * 1000);
    const {events, lost} = await traced.stop();
    rows.push({
      sockets,
      command: ['watch', ...flags].join(' '),
      seconds,
      'CPU %': round(threads.reduce((sum, ms) => sum + ms, 0) / seconds / 10, 2),
      events,
      lost,
    });
  }
  return rows;
}
