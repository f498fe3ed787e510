/** Runs a tool in its own cgroup, so that the CPU time of its child processes counts. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, openSync, readFileSync, rmdirSync} from 'node:fs';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {readUsage} from '#dist/procfs/usage.js';
import type {Tool} from './tools.js';

export interface Peer {
  /** CPU seconds so far, children included (cgroup v2, cpu.stat). */
  readonly cpuS: () => number;
  /** Waits until the tool is idle. */
  readonly settled: () => Promise<void>;
  readonly stop: () => Promise<{readonly lines: readonly string[]; readonly peakRssBytes: number}>;
}

const TIMEOUT_S = 600;
const IN_GROUP = ['-c', 'echo $$ >"$0/cgroup.procs" && exec "$@"'];
/** CPU seconds per second below which a tool is idle. */
const IDLE = 0.05;

async function until(everyS: number, trouble: string, isMet: () => boolean): Promise<void> {
  for (let waitedS = 0; !isMet(); waitedS += everyS) {
    if (waitedS > TIMEOUT_S) throw new Error(`${trouble} after ${String(TIMEOUT_S)} s`);
    await setTimeout(everyS * 1000);
  }
}

/** Starts a tool with its output in a file; resolves when it traces. */
export async function startPeer({argv, isReady, peakRssBytes}: Tool): Promise<Peer> {
  const group = mkdtempSync('/sys/fs/cgroup/peer-');
  const folder = mkdtempSync('/tmp/peer-');
  const [output, errors] = [path.join(folder, 'output'), path.join(folder, 'errors')];
  const child = spawn('sh', [...IN_GROUP, group, ...argv], {
    stdio: ['ignore', openSync(output, 'w'), openSync(errors, 'w')],
  });
  const closed = once(child, 'close');
  const pid = child.pid ?? 0;
  const cpuS = (): number =>
    Number(/^usage_usec (\d+)/.exec(readFileSync(`${group}/cpu.stat`, 'utf8'))?.[1]) / 1e6;
  await until(0.1, `${argv.join(' ')}: not ready`, () => {
    if (child.exitCode !== null) throw new Error(`${argv.join(' ')}: ${readFileSync(errors, 'utf8')}`);
    return isReady(pid, readFileSync(errors, 'utf8'));
  });
  return {
    cpuS,
    async settled() {
      let before = NaN;
      await until(1, `${argv.join(' ')}: still busy`, () => {
        const [earlier, now] = [before, cpuS()];
        before = now;
        return now - earlier < IDLE;
      });
    },
    async stop() {
      const peak = readUsage(pid)?.peakRssBytes ?? NaN;
      child.kill('SIGINT');
      await closed;
      await until(0.1, `${group}: not empty`, () => readFileSync(`${group}/cgroup.procs`, 'utf8') === '');
      rmdirSync(group);
      const [lines, stderr] = [readFileSync(output, 'utf8').split('\n'), readFileSync(errors, 'utf8')];
      return {lines, peakRssBytes: peakRssBytes?.(stderr) ?? peak};
    },
  };
}
