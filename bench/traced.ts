/** Runs `tcptrace watch` during a load. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readUsage, type Usage} from '#dist/procfs/usage.js';
import {untilReady} from '../test/helpers/ready.js';
import {CLI} from '../test/helpers/tracer.js';

export interface Traced {
  readonly pid: number;
  readonly usage: () => Usage;
  /** Stops tcptrace and returns its summary. */
  readonly stop: () => Promise<Summary>;
}

export interface Summary {
  readonly events: number;
  readonly lost: number;
  /** Lines of stderr. */
  readonly messages: readonly string[];
}

const SUMMARY_LINE = /^tcptrace: (\d+) events?.*?, (\d+) lost/;

/** @param stdout descriptor, or 'ignore' */
export async function startTraced(flags: readonly string[], stdout: number | 'ignore'): Promise<Traced> {
  const child: ChildProcess = spawn(process.execPath, [CLI, 'watch', ...flags], {
    stdio: ['ignore', stdout, 'pipe'],
  });
  const closed = once(child, 'close');
  const messages: string[] = [];
  const {stderr} = child;
  if (stderr === null) throw new Error('no stderr');
  await untilReady(stderr, (line) => {
    messages.push(line);
  });
  const {pid} = child;
  if (child.exitCode !== null || pid === undefined) throw new Error('tcptrace exited');
  return {
    pid,
    usage: () => readUsage(pid) ?? {cpuMs: NaN, peakRssBytes: NaN},
    async stop() {
      child.kill('SIGINT');
      await closed;
      const [, events, lost] =
        messages.map((line) => SUMMARY_LINE.exec(line)).findLast((it) => it !== null) ?? [];
      return {events: Number(events), lost: Number(lost), messages};
    },
  };
}
