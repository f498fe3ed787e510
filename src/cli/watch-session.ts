/** `tcptrace watch` from options to exit code: a trace is joined to a sink. */
import type {Writable} from 'node:stream';
import {ExitCode} from '../model/errors.js';
import type {TraceEvent} from '../model/event.js';
import {createTally, formatSummary} from '../sinks/summary.js';
import type {MaybeTerminal} from '../terminal/color.js';
import {type FullTraceOptions, trace as openTrace} from '../trace.js';
import {type Command, launch, type Launched} from './launch.js';
import {createNotices} from './notices.js';
import {type Form, loadFormat, loadStats, openOutput, printEvents} from './print.js';
import {onProcessesEnd} from './process-end.js';
import {removeReadyFile, writeReadyFile} from './ready-file.js';
import {refuseLoss, reportStats, warnOfFallback} from './reports.js';
import {createStopper, exitBy, takeSignals} from './stop.js';
import {keepYoungGeneration} from './young-generation.js';

export interface WatchOptions extends Omit<FullTraceOptions, 'signal'>, Form {
  readonly quiet: boolean;
  readonly failOnLoss: boolean;
  /** Written as soon as everything is attached. */
  readonly readyFile: string | undefined;
  /** Milliseconds from ready; undefined is without end. */
  readonly durationMs: number | undefined;
  /** Events to print; undefined is without end. */
  readonly count: number | undefined;
  /** Runs once everything is attached; the trace ends when it does. */
  readonly command?: Command;
}

export interface Streams {
  readonly stdout: Writable & MaybeTerminal & {readonly fd: number};
  readonly stderr: Writable & MaybeTerminal;
}

/** SIGUSR1 asks, without an end of the trace. Returns how to stop listening. */
function onSummaryRequest(answer: () => void): () => void {
  process.on('SIGUSR1', answer);
  return () => void process.off('SIGUSR1', answer);
}

/**
 * Runs until a signal, the end of the time, the count, the command or of all that is followed, or the reader's going away.
 *
 * @returns the command's exit code, if there is one
 * @throws TcptraceError where nothing could be attached, the output failed, or the command cannot be run
 */
export async function watch(options: WatchOptions, {stdout, stderr}: Streams): Promise<number> {
  const say = createNotices(stderr, options.quiet);
  const warn = createNotices(stderr, false);
  const {command} = options;
  let launched: Launched | undefined;
  const releases: (() => void)[] = [];
  const stopper = createStopper(
    command &&
      ((signal) => {
        if (launched === undefined) exitBy(signal);
        launched.passOn(signal);
      }),
  );
  try {
    if (options.readyFile !== undefined) removeReadyFile(options.readyFile);
    const output = await openOutput(options, stdout);
    const outputFd = options.output === undefined ? {outputFd: stdout.fd} : {};
    const limits = {...options.limits, ...outputFd};
    const names = options.names && {names: {...options.names, say}};
    const trace = openTrace({...options, ...names, limits, signal: stopper.signal});
    // even to who wants it quiet: much less is seen than was asked for
    warnOfFallback(trace, options.intervalMs, warn);
    const tally = createTally();
    const start = performance.now();
    const summarize = (): string => formatSummary(tally, trace.probe, (performance.now() - start) / 1000);
    releases.push(
      onSummaryRequest(() => {
        warn(summarize());
      }),
    );
    stopper.follow(output.closed);
    if (options.durationMs !== undefined) stopper.after(options.durationMs);
    if (options.follow && !command) releases.push(onProcessesEnd(options.follow.pids, stopper.stop));
    for (const note of trace.notes) say(`without ${note}`);
    say(`tracing with ${trace.probe} (ready)`);
    keepYoungGeneration();
    if (options.readyFile !== undefined) writeReadyFile(options.readyFile);
    // who has interrupted us by now wants no command
    if (command) await takeSignals();
    launched = command && launch(command, options.output === undefined ? 2 : 1);
    launched?.status.then(stopper.stop, stopper.stop);

    const formatter = await loadFormat(options, stdout);
    const stats = await loadStats(options, stderr);
    const counter = {
      add(event: TraceEvent) {
        tally.add(event);
        stats.add(event);
      },
    };
    const hasEnded = await printEvents(trace.events, formatter, output, counter, options.count);
    await output.end();

    // unasked, they end where nobody reads them any more
    const isRead = !output.closed.aborted && (!hasEnded || stopper.signal.aborted);
    if (isRead) {
      stats.print();
      reportStats(trace, say);
      say(summarize());
    }
    if (options.failOnLoss) refuseLoss(trace, tally.counts.lost);
    return (await launched?.status) ?? ExitCode.DONE;
  } finally {
    for (const release of releases) release();
    stopper.release();
  }
}
