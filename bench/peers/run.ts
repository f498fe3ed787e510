/**
 * Compares tcptrace with other tools in QEMU: events reported for the connections of bench/generator, and costs.
 * Usage: npm run bench:peers -- [--kernel KERNEL] [--tool TOOL...] [--connections N] [--rounds N] [--quick]
 *
 * Runs first on one CPU, where time counts instructions and repeats; then on two CPUs.
 */
import {statSync} from 'node:fs';
import {parseArgs} from 'node:util';
import {ROOT} from '../../test/helpers/machine.js';
import {runEmulated, SETTLE} from '../emulated.js';
import {publish, round} from '../report.js';
import {installedBytes, tcptraceBytes, unpackPackages} from './packages.js';
import {TOOLS} from './tools.js';

const {values} = parseArgs({
  options: {
    kernel: {type: 'string', default: '6.12'},
    tool: {type: 'string', multiple: true},
    connections: {type: 'string', default: '10000'},
    rounds: {type: 'string', default: '1'},
    quick: {type: 'boolean', default: false},
  },
});
const {kernel, quick} = values;
/** Debian 12's bcc cannot compile with headers of kernels after 6.1 (incomplete struct bpf_wq). */
const usual = Object.keys(TOOLS).filter((name) => !TOOLS[name]?.isSlow || kernel === '6.1');
const names = values.tool ?? usual;
for (const name of names)
  if (!TOOLS[name]) throw new Error(`unknown tool ${name}: choose from ${Object.keys(TOOLS).join('; ')}`);
const fastTools = names.filter((name) => !TOOLS[name]?.isSlow);
const [connections, rounds] = quick ? [200, 1] : [values.connections, values.rounds];

/** Boots by name of the report. */
const BOOTS = quick
  ? {'peers-quick': {icount: true, launches: 1, tools: fastTools}}
  : {
      'peers-icount': {icount: true, launches: 2, tools: names},
      'peers-two-cpus': {icount: false, launches: 0, tools: fastTools},
    };

/** Returns the header packages of the kernel, for tools that compile at start. */
async function headerPackages(): Promise<string[]> {
  const {lines} = await runEmulated({kernel, icount: false, command: 'uname -r'});
  const release = lines.at(-1) ?? '';
  return [release, release.replace(/-(cloud-)?amd64$/, '-common')].map(
    (flavour) => `linux-headers-${flavour}`,
  );
}

function sizeMb(name: string): number | string {
  const tool = TOOLS[name];
  if (!tool) return '';
  const bytes =
    tool.packages.length > 0
      ? installedBytes(tool.packages)
      : tcptraceBytes(ROOT) + statSync(process.execPath).size;
  return round(bytes / 1e6);
}

const needed = new Set([
  'libc6',
  'libgcc-s1',
  ...(quick ? fastTools : names).flatMap((name) => TOOLS[name]?.packages ?? []),
]);
if (needed.has('libbpfcc')) for (const name of await headerPackages()) needed.add(name);
const root = unpackPackages([...needed]);
for (const [name, {icount, launches, tools}] of Object.entries(BOOTS)) {
  const words = [connections, rounds, launches, ...tools].map((word) => `'${String(word)}'`).join(' ');
  const command = `${SETTLE}; node build/bench/peers/guest.js ${words}`;
  const {reports} = await runEmulated({kernel, icount, add: [root], command});
  for (const {machine, rows} of reports)
    publish({name, machine, rows: rows.map((row) => ({...row, 'installed MB': sizeMb(String(row.tool))}))});
}
