/**
 * Measures a scan of /proc with 500 processes, 10,000 connected sockets and a listener per process.
 * Usage: npm run bench:proc -- [PROCESSES [SOCKETS [SCANS]]]
 */
import {quantile} from '#dist/compare/quantile.js';
import {createScanner} from '#dist/procfs/tcp/scanner.js';
import type {Actor} from '../test/helpers/actor.js';
import {populate} from './populate.js';
import {median} from './report.js';

const [processes = 500, sockets = 10_000, scans = 200] = process.argv.slice(2).map(Number);

function report(name: string, value: number, unit: string): void {
  console.log(`${name.padEnd(28)} ${value.toFixed(1).padStart(8)} ${unit}`);
}

function rssMb(): number {
  return process.memoryUsage.rss() / 2 ** 20;
}

const actors: Actor[] = [];
for (let i = 0; i < processes; i++) actors.push(await populate(sockets / processes / 2));

const scanner = createScanner();
const start = performance.now();
const {opened} = scanner.scan();
report('connections found', opened.length, '');
report('first scan', performance.now() - start, 'ms');

/** Scans until V8's young generation has reached its final size. */
const WARM_UP_SCANS = 20;
for (let i = 0; i < WARM_UP_SCANS; i++) scanner.scan();
const rssBefore = rssMb();
const cpuBefore = process.cpuUsage();
const times: number[] = [];
for (let i = 0; i < scans; i++) {
  const begin = performance.now();
  scanner.scan();
  times.push(performance.now() - begin);
}
const {user, system} = process.cpuUsage(cpuBefore);
report('scan, median', median(times), 'ms');
report('scan, 95 %', quantile(times, 0.95), 'ms');
report('scan, longest', Math.max(...times), 'ms');
report('CPU time of a scan', (user + system) / 1000 / scans, 'ms');
report(`RSS after ${String(WARM_UP_SCANS)} scans`, rssBefore, 'MB');
report(`RSS after ${String(scans)} more`, rssMb(), 'MB');
await Promise.all(actors.map(async (actor) => actor[Symbol.asyncDispose]()));
