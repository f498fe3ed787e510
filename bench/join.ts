/**
 * Measures records per second of `tcptrace join` on one core: of the joiner alone, and of the whole program reading two
 * recordings from files. Counts CPU time, because other processes may use the cores.
 * Usage: npm run bench:join -- [CONNECTIONS]
 */
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createJoiner} from '#dist/aggregate/join/joiner.js';
import {formatNdjson} from '#dist/format/ndjson.js';
import type {ConnectionEvent} from '#dist/model/event.js';
import {parseTimeUs} from '#dist/model/units/time.js';
import {CLI} from '../test/helpers/tracer.js';
import {report} from './report.js';

const connections = Number(process.argv[2] ?? 250_000);
const RECORDS = 4 * connections;
const START_US = Date.parse('2026-11-28T10:00:00Z') * 1000;

function timeAt(us: number): string {
  const micros = START_US + us;
  return `${new Date(micros / 1000).toISOString().slice(0, 19)}.${String(micros % 1e6).padStart(6, '0')}000Z`;
}

/** Connect and close at one host, accept and close at the other, every 100 microseconds. */
function eventsOf(index: number): readonly [opener: ConnectionEvent[], acceptor: ConnectionEvent[]] {
  const start = index * 100;
  const flow = BigInt.asUintN(64, BigInt(index + 1) * 0x9e3779b97f4a7c15n)
    .toString(16)
    .padStart(16, '0');
  const port = 1024 + (index % 60_000);
  const common = {source: 'fentry', uid: 1000, family: 4, netns: 4_026_531_840, flow} as const;
  const client = {
    ...common,
    ...{host: 'web', pid: 4711, comm: 'curl', laddr: '10.0.0.1', lport: port},
    ...{raddr: '10.0.0.2', rport: 80, inode: 100_000 + index, direction: 'out' as const},
  };
  const server = {
    ...common,
    ...{host: 'db', pid: 99, comm: 'nginx', laddr: '10.0.0.2', lport: 80},
    ...{raddr: '10.0.0.1', rport: port, inode: 9_000_000 + index, direction: 'in' as const},
  };
  const end = {
    event: 'close',
    duration_us: 80,
    tx_bytes: 100,
    rx_bytes: 2000,
    rtt_us: 50,
    retrans: 0,
  } as const;
  return [
    [
      {...client, time: timeAt(start), event: 'connect', latency_us: 50, syn_retrans: 0},
      {...client, ...end, time: timeAt(start + 80), ended_by: 'local'},
    ],
    [
      {...server, time: timeAt(start + 40), event: 'accept', accept_delay_us: 9, syn_retrans: 0},
      {...server, ...end, time: timeAt(start + 90), ended_by: 'remote'},
    ],
  ];
}

function cpuSeconds({user, system}: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}

/** Joins events that are in memory. */
function measureJoiner(): number {
  const all = Array.from({length: Math.min(connections, 50_000)}, (_, index) =>
    eventsOf(index).flat(),
  ).flat();
  let joined = 0;
  const joiner = createJoiner({emit: () => (joined += 1), windowUs: 900e6});
  const before = process.cpuUsage();
  for (const event of all) joiner.add(event, event.host, parseTimeUs(event.time));
  const seconds = cpuSeconds(process.cpuUsage(before));
  if (joined !== all.length / 4) throw new Error(`${String(joined)} connections joined`);
  return all.length / seconds;
}

/** Runs the program. @returns records per second of CPU time, and of wall-clock time */
function measureProgram(files: readonly string[]): readonly [number, number] {
  const start = performance.now();
  const args = ['join', '--ndjson', '--output', '/dev/null', ...files];
  const {status, stderr} = spawnSync(
    'bash',
    ['-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash', process.execPath, CLI, ...args],
    {encoding: 'utf8'},
  );
  const wall = (performance.now() - start) / 1000;
  if (status !== 0 || !stderr.includes(`${String(connections)} with both sockets`)) throw new Error(stderr);
  const [user = NaN, system = NaN] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return [RECORDS / (user + system), RECORDS / wall];
}

const directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
try {
  const files = ['web', 'db'].map((name) => path.join(directory, `${name}.ndjson`));
  const texts = files.map((): string[] => []);
  for (let index = 0; index < connections; index++)
    for (const [side, events] of eventsOf(index).entries())
      texts[side]?.push(events.map(formatNdjson).join(''));
  for (const [index, file] of files.entries()) writeFileSync(file, texts[index]?.join('') ?? '');
  const [cpu, wall] = measureProgram(files);
  report('join', [
    {stage: 'joiner alone', 'records per CPU second': Math.round(measureJoiner()), 'records/s': ''},
    {stage: 'tcptrace join', 'records per CPU second': Math.round(cpu), 'records/s': Math.round(wall)},
  ]);
} finally {
  rmSync(directory, {recursive: true});
}
