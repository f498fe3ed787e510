/**
 * Measures a tracer while no selected event happens: wake-ups and CPU time of each thread.
 * Usage: npm run bench:idle -- [SECONDS]
 */
import {setTimeout} from 'node:timers/promises';
import {report, round} from './report.js';
import {readThreads} from './threads.js';
import {startTraced} from './traced.js';

const [seconds = 30] = process.argv.slice(2).map(Number);

/** Until V8's MemoryReducer has collected the garbage of start-up. */
const SETTLE_MS = 40_000;

// no connection uses this port, so the kernel excludes all events
const traced = await startTraced(['--ndjson', '--port', '1'], 'ignore');
await setTimeout(SETTLE_MS);
const before = readThreads(traced.pid);
await setTimeout(seconds * 1000);
const after = readThreads(traced.pid);
const {events} = await traced.stop();
report(
  'idle',
  [...after].map(([id, {name, switches, cpuNs}]) => ({
    thread: `${name} ${id === String(traced.pid) ? '(main)' : ''}`.trim(),
    seconds,
    'wake-ups': switches - (before.get(id)?.switches ?? 0),
    'CPU %': round((cpuNs - (before.get(id)?.cpuNs ?? 0)) / seconds / 1e7, 3),
    events,
  })),
);
