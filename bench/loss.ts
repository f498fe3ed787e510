/**
 * Measures lost events at the highest rate of this machine, for several ring buffer sizes and outputs.
 * Usage: npm run bench:loss -- [CONNECTIONS [THREADS]]
 */
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, mkdtempSync, openSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createLoad, EVENTS_EACH} from './load.js';
import {report, round, type Row} from './report.js';
import {startTraced} from './traced.js';

const [connections = 100_000, threads = 1] = process.argv.slice(2).map(Number);
const RINGS = ['1M', '8M', '64M'];

const folder = mkdtempSync(path.join(tmpdir(), 'tcptrace-loss-'));

/** Opens each output: its descriptor, and a function that closes it. */
const OUTPUTS: Readonly<Record<string, () => {fd: number; end: () => Promise<void>}>> = {
  file: () => {
    const fd = openSync(path.join(folder, 'events'), 'w');
    return {
      fd,
      end: () => {
        closeSync(fd);
        return Promise.resolve();
      },
    };
  },
  'pipe to jq -c .pid': () => {
    // tcptrace needs a descriptor to write to, so use a FIFO
    const fifo = path.join(folder, 'pipe');
    execFileSync('mkfifo', [fifo]);
    const jq = spawn('sh', ['-c', 'exec jq -c .pid <"$0" >/dev/null', fifo]);
    const pipe = openSync(fifo, 'w');
    return {
      fd: pipe,
      async end() {
        closeSync(pipe);
        await once(jq, 'close');
        rmSync(fifo);
      },
    };
  },
  '/dev/null': () => {
    const fd = openSync('/dev/null', 'w');
    return {
      fd,
      end: () => {
        closeSync(fd);
        return Promise.resolve();
      },
    };
  },
};

const load = await createLoad(threads);
await load.run(connections / 10);
const alone = await load.run(connections);
const rows: Row[] = [];
for (const ring of RINGS)
  for (const [name, open] of Object.entries(OUTPUTS)) {
    const output = open();
    const traced = await startTraced(['--ndjson', '--buffer-size', ring], output.fd);
    const before = traced.usage();
    const seconds = await load.run(connections);
    const after = traced.usage();
    const {events, lost} = await traced.stop();
    await output.end();
    rows.push({
      ring,
      output: name,
      'connections/s': Math.round(connections / seconds),
      'events/s': Math.round((events + lost) / seconds),
      events,
      lost,
      'lost %': round((lost / (events + lost)) * 100, 3),
      missing: connections * EVENTS_EACH - events - lost,
      'CPU s per 1M events': round(((after.cpuMs - before.cpuMs) / events) * 1000, 2),
      'peak RSS MB': Math.round(after.peakRssBytes / 1e6),
    });
  }
await load.stop();
rmSync(folder, {recursive: true});
console.log(
  `${String(connections)} connections, ${String(Math.round(connections / alone))}/s without a tracer`,
);
report('loss', rows);
