/** `tcptrace watch` beside a load. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readUsage, type Usage} from '#dist/procfs/usage.js';
import {untilReady} from '../test/helpers/ready.js';
import {CLI} from '../test/helpers/tracer.js';

export interface Traced {
  readonly pid: number;
  readonly usage: () => Usage;
  /** What it says at its end. */
  readonly stop: () => Promise<Ending>;
}

export interface Ending {
  readonly events: number;
  readonly lost: number;
  /** All that it said, line by line. */
  readonly said: readonly string[];
}

const SUMMARY = /^tcptrace: (\d+) events?.*?, (\d+) lost/;

/** @param stdout descriptor, or 'ignore' */
export async function startTraced(flags: readonly string[], stdout: number | 'ignore'): Promise<Traced> {
  const child: ChildProcess = spawn(process.execPath, [CLI, 'watch', ...flags], {
    stdio: ['ignore', stdout, 'pipe'],
  });
  const closed = once(child, 'close');
  const said: string[] = [];
  const {stderr} = child;
  if (stderr === null) throw new Error('no stderr');
  await untilReady(stderr, (line) => {
    said.push(line);
  });
  const {pid} = child;
  if (child.exitCode !== null || pid === undefined) throw new Error('tcptrace ended');
  return {
    pid,
    usage: () => readUsage(pid) ?? {cpuMs: NaN, peakRssBytes: NaN},
    async stop() {
      child.kill('SIGINT');
      await closed;
      const [, events, lost] = said.map((line) => SUMMARY.exec(line)).findLast((it) => it !== null) ?? [];
      return {events: Number(events), lost: Number(lost), said};
    },
  };
}
