/**
 * Compares `tcptrace list` (eBPF and /proc) with `ss -tnpH`: whole programs, and the listing alone.
 * Usage: npm run bench:list -- [PROCESSES [SOCKETS [ROUNDS]]]
 */
import {spawnSync} from 'node:child_process';
import path from 'node:path';
import {loadAddon} from '#dist/kernel/addon.js';
import {list as listSockets} from '#dist/sources/sockets.js';
import type {Actor} from '../test/helpers/actor.js';
import {ROOT} from '../test/helpers/machine.js';
import {populate} from './populate.js';
import {median} from './report.js';

const [processes = 200, sockets = 10_000, rounds = 10] = process.argv.slice(2).map(Number);

function runs(command: string, ...args: string[]): () => void {
  return () => {
    const {status, stdout} = spawnSync(command, args, {maxBuffer: 1 << 28});
    if (status !== 0 || stdout.length < sockets * 40) throw new Error(`${command} ${args.join(' ')} failed`);
  };
}

const cli = path.join(ROOT, 'bin/run.js');
const listBy = (source: 'ebpf' | 'proc') => () => {
  const listed = listSockets({source, wants: ({state}) => state !== 'listening'});
  if (listed.sockets.length < sockets) throw new Error('sockets are missing');
};

const COMMANDS: Readonly<Record<string, () => void>> = {
  'ss -tnpH': runs('ss', '-tnpH'),
  'tcptrace list': runs(process.execPath, cli, 'list'),
  'tcptrace list --ndjson': runs(process.execPath, cli, 'list', '--ndjson'),
  'tcptrace list --proc': runs(process.execPath, cli, 'list', '--proc'),
  'node -e 0': () => void spawnSync(process.execPath, ['-e', '0']),
  'BPF iterator alone': () => void loadAddon().sockets(),
  'listing alone, eBPF': listBy('ebpf'),
  'listing alone, /proc': listBy('proc'),
};

const actors: Actor[] = [];
for (let i = 0; i < processes; i++) actors.push(await populate(sockets / processes / 2));

const times = new Map(Object.keys(COMMANDS).map((name) => [name, [] as number[]]));
for (let round = 0; round < rounds; round++) {
  for (const [name, runOnce] of Object.entries(COMMANDS)) {
    const begin = performance.now();
    runOnce();
    times.get(name)?.push(performance.now() - begin);
  }
}

const reference = median(times.get('ss -tnpH') ?? []);
console.log(
  `| ${String(sockets)} sockets in ${String(processes)} processes | ms, median of ${String(rounds)} | relative to ss |`,
);
console.log('| --- | --- | --- |');
for (const [name, values] of times) {
  const ms = median(values);
  console.log(`| ${name} | ${ms.toFixed(1)} | ${(ms / reference).toFixed(3)} |`);
}
await Promise.all(actors.map(async (actor) => actor[Symbol.asyncDispose]()));
