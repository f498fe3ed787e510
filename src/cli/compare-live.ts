/** `tcptrace compare`: several ways at the same time, over the same traffic. */
import {setTimeout} from 'node:timers/promises';
import {compareWays, type Report, type Way} from '../compare/report.js';
import {ExitCode, TcptraceError} from '../model/errors.js';
import type {Say} from './notices.js';
import {createStopper} from './stop.js';
import {nowUs, startWatch, type Watcher, watchConntrack} from './watcher.js';

export interface LiveOptions {
  readonly durationMs: number;
  readonly intervalMs: number;
  readonly conntrack: boolean;
  /** Flags of `watch` that say which connections are wanted. */
  readonly filterFlags: readonly string[];
}

const EVENTS = ['--event', 'connect,accept,close,open'];
const PROGRESS_MS = 10_000;

async function start({intervalMs, conntrack, filterFlags}: LiveOptions): Promise<Watcher[]> {
  const flags = [...EVENTS, ...filterFlags];
  const ebpf = await startWatch(flags);
  if (ebpf.name === 'proc') {
    await ebpf.stop();
    throw new TcptraceError('no eBPF probe works here', ExitCode.UNSUPPORTED, 'tcptrace doctor shows why');
  }
  const proc = await startWatch([...flags, '--proc', '--interval', `${String(intervalMs)}ms`]);
  return [ebpf, proc, ...(conntrack ? [watchConntrack()] : [])];
}

function complain({name, complaints, ledger}: Watcher, say: Say): void {
  for (const complaint of complaints) say(`${name}: ${complaint}`);
  if (name === 'conntrack' && ledger.lives.size === 0)
    say(
      'conntrack has seen nothing: without a rule that asks for it, this network namespace tracks no connections',
    );
}

/** Waits for the end of the time, or a signal. */
async function wait(durationMs: number, signal: AbortSignal, say: Say): Promise<void> {
  for (let elapsed = 0; elapsed < durationMs && !signal.aborted; elapsed += PROGRESS_MS) {
    if (elapsed > 0) say(`${String(elapsed / 1000)} s of ${String(durationMs / 1000)} s`);
    await setTimeout(Math.min(durationMs - elapsed, PROGRESS_MS), undefined, {signal}).catch(() => undefined);
  }
}

/**
 * Runs for the time, or until a signal.
 *
 * @throws TcptraceError where one of the ways cannot be had
 */
export async function compareLive(options: LiveOptions, say: Say): Promise<Report> {
  const stopper = createStopper();
  try {
    const watchers = await start(options);
    const startUs = nowUs();
    say(`comparing ${watchers.map(({name}) => name).join(', ')} (ready)`);
    await wait(options.durationMs, stopper.signal, say);
    const endUs = nowUs();
    const costs = watchers.map((watcher) => watcher.measure());
    // the first is what the others are measured by, so it ends last
    for (const watcher of watchers.toReversed()) await watcher.stop();
    for (const watcher of watchers) complain(watcher, say);
    const ways = watchers.map(({name, ledger}, index): Way => ({
      name,
      ledger,
      cost: costs[index],
      isLive: true,
    }));
    return compareWays(ways, {startUs, endUs}, options.intervalMs * 1000);
  } finally {
    stopper.release();
  }
}
