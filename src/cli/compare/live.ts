/** Runs several sources at the same time, on the same traffic: `tcptrace compare`. */
import {setTimeout} from 'node:timers/promises';
import {type ComparedSource, compareSources, type Report} from '../../compare/report.js';
import {ExitCode, TcptraceError} from '../../model/errors.js';
import {isAboutOwners, type SocketFilter} from '../../filter/filter.js';
import type {Say} from '../io/notices.js';
import {createStopper} from '../run/signals.js';
import {nowUs} from '../io/wall-clock.js';
import {startWatch, type TracerProcess, watchConntrack} from './tracer-process.js';

export interface LiveOptions {
  readonly durationMs: number;
  readonly intervalMs: number;
  readonly conntrack: boolean;
  readonly filter: SocketFilter;
  /** Notices about surprising effects of the filters, one line each. */
  readonly remarks: readonly string[];
  /** The filter as flags of `watch`. */
  readonly filterWords: readonly string[];
}

const EVENTS = ['--event', 'connect,accept,close,open'];
const PROGRESS_MS = 10_000;

async function* startEach({
  intervalMs,
  conntrack,
  filter,
  filterWords,
}: LiveOptions): AsyncGenerator<TracerProcess> {
  const flags = [...EVENTS, ...filterWords];
  const ebpf = await startWatch(flags);
  yield ebpf;
  if (ebpf.name === 'proc')
    throw new TcptraceError('no eBPF probe works here', ExitCode.UNSUPPORTED, 'tcptrace doctor shows why');
  yield await startWatch([...flags, '--proc', '--interval', `${String(intervalMs)}ms`]);
  if (conntrack) yield await watchConntrack(filter);
}

/** Starts all sources; if one fails, stops those already started. */
async function start(options: LiveOptions): Promise<TracerProcess[]> {
  const watchers: TracerProcess[] = [];
  try {
    for await (const watcher of startEach(options)) watchers.push(watcher);
  } catch (error) {
    for (const watcher of watchers) await watcher.stop();
    throw error;
  }
  return watchers;
}

function reportProblems({name, problems, ledger}: TracerProcess, say: Say): void {
  for (const problem of problems) say(`${name}: ${problem}`);
  if (name === 'conntrack' && ledger.lives.size === 0)
    say(
      'conntrack saw no connections: this network namespace tracks none without a firewall rule that uses conntrack',
    );
}

/** Waits until the time has passed, or a signal arrives. */
async function wait(durationMs: number, signal: AbortSignal, say: Say): Promise<void> {
  for (let elapsed = 0; elapsed < durationMs && !signal.aborted; elapsed += PROGRESS_MS) {
    if (elapsed > 0) say(`${String(elapsed / 1000)} s of ${String(durationMs / 1000)} s`);
    await setTimeout(Math.min(durationMs - elapsed, PROGRESS_MS), undefined, {signal}).catch(() => undefined);
  }
}

/**
 * Compares for `durationMs`, or until a signal.
 *
 * @throws TcptraceError if a source is not available
 */
export async function compareLive(options: LiveOptions, say: Say): Promise<Report> {
  const stopper = createStopper();
  try {
    const watchers = await start(options);
    const startUs = nowUs();
    for (const remark of options.remarks) say(remark);
    say(`comparing ${watchers.map(({name}) => name).join(', ')} (ready)`);
    await wait(options.durationMs, stopper.signal, say);
    const endUs = nowUs();
    const costs = watchers.map((watcher) => watcher.measure());
    const losses = watchers.map((watcher) => watcher.countLost());
    // the first is what the others are measured by, so it ends last
    for (const watcher of watchers.toReversed()) await watcher.stop();
    for (const watcher of watchers) reportProblems(watcher, say);
    const sources = watchers.map(({name, ledger}, index): ComparedSource => ({
      name,
      ledger,
      cost: costs[index],
      isLive: true,
      lost: losses[index],
    }));
    const onlySockets = isAboutOwners(options.filter);
    return compareSources(sources, {startUs, endUs}, {intervalUs: options.intervalMs * 1000, onlySockets});
  } finally {
    stopper.release();
  }
}
