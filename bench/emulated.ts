/** Runs benchmarks on the kernels of test/kernels, in QEMU. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {ROOT} from '../test/helpers/machine.js';
import {REPORT_PREFIX, type Report} from './report.js';

export interface Boot {
  /** Name in test/kernels/matrix. */
  readonly kernel: string;
  /** True: one CPU, and time counts instructions. False: two CPUs, and time of this machine. */
  readonly icount: boolean;
  /** Files or folders to copy to /extra. */
  readonly add?: readonly string[];
  /** Shell command, run in the folder of the built project. */
  readonly command: string;
}

export interface Outcome {
  readonly reports: readonly Report[];
  readonly lines: readonly string[];
}

/** Time limit of a command. */
const LIMIT_S = 3600;

/** Boots the kernel, runs the command and prints its output. */
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
    if (line.startsWith(REPORT_PREFIX))
      outcome.reports.push(JSON.parse(line.slice(REPORT_PREFIX.length)) as Report);
    else {
      console.error(line);
      outcome.lines.push(line);
    }
  const [code] = (await closed) as [number | null];
  if (code !== 0) throw new Error(`${command}: exit code ${String(code)} on ${kernel}`);
  return outcome;
}

/** Waits because a kernel is slower during its first seconds. With icount, idle time is skipped. */
export const SETTLE = 'sleep 10';
