/** CPU time that the visits of idle connections take. */
import {setTimeout} from 'node:timers/promises';
import {round, type Row} from '../report.js';
import {readThreads} from '../threads.js';
import {startTraced} from '../traced.js';

interface Cpu {
  /** CPU time of the reader thread, the busiest one besides the main thread; it makes the visits. */
  readonly reader: number;
  readonly process: number;
}

/** Returns the CPU time of a process during some time, in milliseconds. */
async function measureCpu(pid: number, ms: number): Promise<Cpu> {
  const before = readThreads(pid);
  await setTimeout(ms);
  const used = [...readThreads(pid)].map(([id, {cpuNs}]) => ({
    isMain: id === String(pid),
    ms: (cpuNs - (before.get(id)?.cpuNs ?? 0)) / 1e6,
  }));
  return {
    reader: Math.max(...used.filter(({isMain}) => !isMain).map((thread) => thread.ms)),
    process: used.reduce((sum, thread) => sum + thread.ms, 0),
  };
}

/** Measures the first visit, which reports every connection, and the later ones, which report none. */
export async function measureVisits(sockets: number, seconds: number): Promise<Row[]> {
  const intervalMs = seconds * 100;
  const visits = 10;
  const traced = await startTraced(['--ndjson', '--update', `${String(intervalMs)}ms`], 'ignore');
  // the first visit is an interval after the start: in the middle of the time measured
  await setTimeout(intervalMs / 2);
  const first = await measureCpu(traced.pid, intervalMs);
  const later = await measureCpu(traced.pid, visits * intervalMs);
  const {events, lost} = await traced.stop();
  return [
    {visit: 'first', 'reader thread ms': round(first.reader), 'process ms': round(first.process)},
    {
      visit: 'later',
      'reader thread ms': round(later.reader / visits),
      'process ms': round(later.process / visits),
    },
  ].map((row) => ({sockets, ...row, events, lost}));
}

/** Until the first visit has been reported, and V8 has collected its garbage. */
const SETTLE_MS = 15_000;

/** Measures the CPU time of a tracer of idle connections. */
export async function measureShare(sockets: number, seconds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const flags of [[], ['--update', '1s']]) {
    const traced = await startTraced(['--ndjson', ...flags], 'ignore');
    await setTimeout(Math.min(SETTLE_MS, seconds * 1000));
    const {process} = await measureCpu(traced.pid, seconds * 1000);
    const {events, lost} = await traced.stop();
    rows.push({
      sockets,
      command: ['watch', ...flags].join(' '),
      seconds,
      'CPU %': round(process / seconds / 10, 2),
      events,
      lost,
    });
  }
  return rows;
}
