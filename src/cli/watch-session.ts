/** `tcptrace watch` from options to exit code: a trace is joined to a sink. */
import type {Writable} from 'node:stream';
import {ExitCode} from '../model/errors.js';
import {createOutput} from '../sinks/output.js';
import {createTally, formatSummary} from '../sinks/summary.js';
import type {MaybeTerminal} from '../terminal/color.js';
import {openTrace, type Trace, type TraceOptions} from '../trace.js';
import {createNotices} from './notices.js';
import {type Form, loadFormat, printEvents} from './print.js';
import {explainFallback, refuseLoss, reportStats} from './reports.js';
import {createStopper} from './stop.js';

export interface WatchOptions extends Omit<TraceOptions, 'signal'>, Form {
  readonly quiet: boolean;
  readonly failOnLoss: boolean;
  /** Milliseconds from ready; undefined is without end. */
  readonly durationMs: number | undefined;
  /** Events to print; undefined is without end. */
  readonly count: number | undefined;
}

export interface Streams {
  readonly stdout: Writable & MaybeTerminal & {readonly fd: number};
  readonly stderr: Writable;
}

/** Says so even to who wants it quiet, because much less is seen than was asked for. */
function warnOfFallback(trace: Trace, {intervalMs}: WatchOptions, stderr: Writable): void {
  if (trace.probe !== 'proc' || trace.why === undefined) return;
  createNotices(stderr, false)(explainFallback(trace.why, intervalMs));
}

/**
 * Runs until a signal, the end of the time or of the count, or the reader's going away.
 *
 * @throws TcptraceError where nothing could be attached or the output failed
 */
export async function watch(options: WatchOptions, {stdout, stderr}: Streams): Promise<ExitCode> {
  const say = createNotices(stderr, options.quiet);
  const stopper = createStopper();
  try {
    const limits = {...options.limits, outputFd: stdout.fd};
    const trace = openTrace({...options, limits, signal: stopper.signal});
    warnOfFallback(trace, options, stderr);
    const output = createOutput(stdout);
    const tally = createTally();
    const start = performance.now();
    stopper.follow(output.closed);
    if (options.durationMs !== undefined) stopper.after(options.durationMs);
    for (const note of trace.notes) say(`without ${note}`);
    say(`tracing with ${trace.probe} (ready)`);

    const format = await loadFormat(options, stdout);
    const hasEnded = await printEvents(trace.events, format, output, tally, options.count);
    await output.end();

    // unasked, they end where nobody reads them any more
    const isRead = !output.closed.aborted && (!hasEnded || stopper.signal.aborted);
    if (isRead) {
      reportStats(trace, say);
      say(formatSummary(tally, trace.probe, (performance.now() - start) / 1000));
    }
    if (options.failOnLoss) refuseLoss(trace, tally.counts.lost);
    return ExitCode.DONE;
  } finally {
    stopper.release();
  }
}
