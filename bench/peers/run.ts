/**
 * tcptrace beside other ways to know of connections, in QEMU: the same connections, made by bench/generator, and what each way
 * reports of them and costs. Usage: npm run bench:peers -- [--kernel KERNEL] [--way WAY...] [--connections N] [--rounds N] [--quick]
 *
 * First on one CPU where a nanosecond is an instruction, so that times repeat; then on two, for what takes two things at once.
 */
import {statSync} from 'node:fs';
import {parseArgs} from 'node:util';
import {ROOT} from '../../test/helpers/machine.js';
import {runEmulated, SETTLE} from '../emulated.js';
import {publish, round} from '../report.js';
import {installedBytes, tcptraceBytes, unpackPackages} from './packages.js';
import {WAYS} from './ways.js';

const {values} = parseArgs({
  options: {
    kernel: {type: 'string', default: '6.12'},
    way: {type: 'string', multiple: true},
    connections: {type: 'string', default: '10000'},
    rounds: {type: 'string', default: '1'},
    quick: {type: 'boolean', default: false},
  },
});
const {kernel, quick} = values;
/** Debian 12's bcc cannot read the headers of later kernels than 6.1 (struct bpf_wq is incomplete there). */
const usual = Object.keys(WAYS).filter((name) => !WAYS[name]?.isSlow || kernel === '6.1');
const names = values.way ?? usual;
for (const name of names)
  if (!WAYS[name]) throw new Error(`no way ${name}: choose from ${Object.keys(WAYS).join('; ')}`);
const fastWays = names.filter((name) => !WAYS[name]?.isSlow);
const [connections, rounds] = quick ? [200, 1] : [values.connections, values.rounds];

/** By the name of the report. */
const BOOTS = quick
  ? {'peers-quick': {icount: true, launches: 1, ways: fastWays}}
  : {
      'peers-icount': {icount: true, launches: 2, ways: names},
      'peers-two-cpus': {icount: false, launches: 0, ways: fastWays},
    };

/** Of the kernel, for those that compile. */
async function headerPackages(): Promise<string[]> {
  const {lines} = await runEmulated({kernel, icount: false, command: 'uname -r'});
  const release = lines.at(-1) ?? '';
  return [release, release.replace(/-(cloud-)?amd64$/, '-common')].map(
    (flavour) => `linux-headers-${flavour}`,
  );
}

function sizeMb(name: string): number | string {
  const way = WAYS[name];
  if (!way) return '';
  const bytes =
    way.packages.length > 0
      ? installedBytes(way.packages)
      : tcptraceBytes(ROOT) + statSync(process.execPath).size;
  return round(bytes / 1e6);
}

const needed = new Set([
  'libc6',
  'libgcc-s1',
  ...(quick ? fastWays : names).flatMap((name) => WAYS[name]?.packages ?? []),
]);
if (needed.has('libbpfcc')) for (const name of await headerPackages()) needed.add(name);
const root = unpackPackages([...needed]);
for (const [name, {icount, launches, ways}] of Object.entries(BOOTS)) {
  const words = [connections, rounds, launches, ...ways].map((word) => `'${String(word)}'`).join(' ');
  const command = `${SETTLE}; node build/bench/peers/guest.js ${words}`;
  const {reports} = await runEmulated({kernel, icount, add: [root], command});
  for (const {machine, rows} of reports)
    publish({name, machine, rows: rows.map((row) => ({...row, 'installed MB': sizeMb(String(row.way))}))});
}
