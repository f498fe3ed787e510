/**
 * tcptrace beside other ways to know of connections, in QEMU: the same connections, made by bench/generator, and what each way
 * reports of them and costs. Usage: npm run bench:peers -- [--kernel KERNEL] [--way WAY...] [--quick]
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
    way: {type: 'string', multiple: true, default: Object.keys(WAYS)},
    quick: {type: 'boolean', default: false},
  },
});
const {kernel, way: names, quick} = values;
const ways = names.filter((name) => !quick || !WAYS[name]?.isSlow);
const [connections, rounds, launches] = quick ? [200, 1, 1] : [2000, 3, 3];

/** Of the kernel, for those that compile. */
async function headerPackages(): Promise<string[]> {
  const {lines} = await runEmulated({kernel, icount: false, command: 'uname -r'});
  const release = lines.at(-1) ?? '';
  return [release, release.replace(/-.*/, '-common')].map((flavour) => `linux-headers-${flavour}`);
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

const needed = new Set(['libc6', 'libgcc-s1', ...ways.flatMap((name) => WAYS[name]?.packages ?? [])]);
if (needed.has('libbpfcc')) for (const name of await headerPackages()) needed.add(name);
const root = unpackPackages([...needed]);
const quoted = ways.map((name) => `'${name}'`).join(' ');
const measure = `node build/bench/peers/guest.js ${String(connections)} ${String(rounds)} ${String(launches)} ${quoted}`;
for (const icount of quick ? [true] : [true, false]) {
  const {reports} = await runEmulated({kernel, icount, add: [root], command: `${SETTLE}; ${measure}`});
  for (const {name, machine, rows} of reports)
    publish({
      name: `${name}-${icount ? 'icount' : 'two-cpus'}`,
      machine,
      rows: rows.map((row) => ({...row, 'installed MB': sizeMb(String(row.way))})),
    });
}
