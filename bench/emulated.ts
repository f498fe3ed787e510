/** Benchmarks on the kernels of test/kernels, in QEMU. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {ROOT} from '../test/helpers/machine.js';
import {HANDED_OVER, type Report} from './report.js';

export interface Boot {
  /** Of test/kernels/matrix. */
  readonly kernel: string;
  /** Time counts instructions, on one CPU; else two CPUs and the time of this machine, in which it is emulated. */
  readonly icount: boolean;
  /** Files or folders to be in /extra. */
  readonly add?: readonly string[];
  /** Run by the shell, in a folder that has what is built of the project. */
  readonly command: string;
}

export interface Outcome {
  readonly reports: readonly Report[];
  readonly lines: readonly string[];
}

/** The longest that a command may take, whatever else this machine does. */
const LIMIT_S = 3600;

/** Boots the kernel, runs the command, and shows what it prints. */
export async function runEmulated({kernel, icount, add = [], command}: Boot): Promise<Outcome> {
  const flags = [...(icount ? ['--icount'] : []), ...add.flatMap((file) => ['--add', file])];
  const child = spawn(
    path.join(ROOT, 'test/kernels/run'),
    [...flags, '--limit', String(LIMIT_S), '--exec', command, kernel],
    {stdio: ['ignore', 'pipe', 'inherit']},
  );
  const closed = once(child, 'close');
  const outcome: {reports: Report[]; lines: string[]} = {reports: [], lines: []};
  for await (const line of createInterface({input: child.stdout}))
    if (line.startsWith(HANDED_OVER))
      outcome.reports.push(JSON.parse(line.slice(HANDED_OVER.length)) as Report);
    else {
      console.error(line);
      outcome.lines.push(line);
    }
  const [code] = (await closed) as [number | null];
  if (code !== 0) throw new Error(`${command}: exit code ${String(code)} on ${kernel}`);
  return outcome;
}

/** The kernel works slower for its first seconds. Time that nobody uses passes at once where it counts instructions. */
export const SETTLE = 'sleep 10';
