/** `tcptrace watch` from options to exit code: a trace is joined to a sink. */
import {ExitCode} from '../../model/errors.js';
import type {TraceEvent} from '../../model/event.js';
import {createTally, formatSummary} from '../../format/summary.js';
import {trace as openTrace, type Trace} from '../../trace.js';
import {explain} from '../run/errors.js';
import {launch, type Launched} from './launch.js';
import {createNotices, type Say} from '../io/notices.js';
import {loadFormat, loadStats, openOutput, printEvents} from '../io/printer.js';
import {findDescriptor} from '../io/inherited-fd.js';
import type {WatchOptions} from './options.js';
import {onProcessesEnd} from './process-exit.js';
import {prepareReadyFile, type WriteReadyFile} from '../io/ready-file.js';
import {refuseLoss, reportStats, warnOfFallback} from '../io/trace-report.js';
import type {Output} from '../../output/output.js';
import type {Streams} from '../io/streams.js';
import {createStopper, exitBy, type Stopper, takeSignals} from '../run/signals.js';
import {limitYoungGeneration} from '../run/v8-heap.js';

/** SIGUSR1 asks, without an end of the trace. Returns how to stop listening. */
function onSummaryRequest(answer: () => void): () => void {
  process.on('SIGUSR1', answer);
  return () => void process.off('SIGUSR1', answer);
}

/** @throws TcptraceError where nothing could be attached */
function attach(options: WatchOptions, {stdout}: Streams, stopper: Stopper, say: Say): Trace {
  const outputFd = options.output === undefined ? stdout.fd : findDescriptor(options.output);
  const limits = {...options.limits, ...(outputFd !== undefined && {outputFd})};
  const names = options.names && {names: {...options.names, say}};
  return openTrace({...options, ...names, limits, signal: stopper.signal});
}

function announce(
  trace: Trace,
  {intervalMs, remarks}: WatchOptions,
  say: Say,
  warn: Say,
  writeReadyFile: WriteReadyFile | undefined,
): void {
  // even to who wants it quiet: much less is seen than was asked for
  warnOfFallback(trace, intervalMs, warn);
  for (const note of trace.notes) say(`without ${note}`);
  for (const remark of remarks) say(remark);
  say(`tracing with ${trace.probe} (ready)`);
  limitYoungGeneration();
  writeReadyFile?.();
}

/** A command goes on without its trace, with signals passed on; why there is none is told before its end. */
async function outlive(launched: Launched, error: unknown, warn: Say): Promise<number> {
  const {line, exitCode} = explain(error, 'watch');
  if (line !== undefined) warn(line);
  await launched.status.catch(() => undefined);
  return exitCode;
}

/**
 * Runs until a signal, the end of the time, the count, the command or of all that is followed, or the reader's going away.
 *
 * @returns the command's exit code, if there is one
 * @throws TcptraceError where nothing could be attached, the output failed, or the command cannot be run
 */
export async function watch(options: WatchOptions, streams: Streams): Promise<number> {
  const {stdout, stderr} = streams;
  const say = createNotices(stderr, options.quiet);
  const warn = createNotices(stderr, false);
  const {command} = options;
  let launched: Launched | undefined;
  let output: Output | undefined;
  const stopper = createStopper(
    command &&
      ((signal) => {
        if (launched === undefined) exitBy(signal);
        launched.passOn(signal);
      }),
    // a command gets the signal itself
    options.output === undefined || command ? undefined : () => void output?.reopen(),
  );
  const releases = [stopper.release];
  try {
    const writeReadyFile = options.readyFile === undefined ? undefined : prepareReadyFile(options.readyFile);
    output = await openOutput(options, streams, warn);
    const trace = attach(options, streams, stopper, say);
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
    announce(trace, options, say, warn, writeReadyFile);
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
  } catch (error) {
    if (launched === undefined) throw error;
    return await outlive(launched, error, warn);
  } finally {
    for (const release of releases) release();
  }
}
