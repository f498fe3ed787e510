/** Runs `tcptrace watch`: connects a trace to an output. */
import {ExitCode} from '../../model/errors.js';
import type {MovedBytes} from '../../aggregate/stats.js';
import type {TraceEvent} from '../../model/event.js';
import {createTally, formatSummary, type Tally} from '../../format/summary.js';
import {trace as openTrace, type Trace} from '../../trace.js';
import {pickTraceOptions} from '../../trace-options.js';
import {createNetnsNamer} from '../../procfs/netns-names.js';
import {explain} from '../run/errors.js';
import {type Command, launch, type Launched} from './launch.js';
import type {Say} from '../io/notices.js';
import {createRecordLog, createTextLog, type TraceLog} from '../io/trace-log.js';
import {type Counter, loadFormat, loadStats, openOutput, printEvents} from '../io/printer.js';
import {findDescriptor} from '../io/inherited-fd.js';
import type {WatchOptions} from './options.js';
import {hideKinds} from './hidden-kinds.js';
import type {Metrics} from './metrics.js';
import {onNetnsChange} from './netns-change.js';
import {describeClient, describeLeftBehind} from './left-behind.js';
import {onProcessesExit} from './process-exit.js';
import {prepareReadyFile} from '../io/ready-file.js';
import {createFullMapWarning, refuseLoss, reportStats, warnOfFallback} from '../io/trace-report.js';
import type {Output} from '../../output/output.js';
import type {Streams} from '../io/streams.js';
import {createStopper, exitBy, type Stopper, takeSignals} from '../run/signals.js';
import {limitYoungGeneration} from '../run/v8-heap.js';

/** Calls `answer` for each SIGUSR1. @returns a function that stops listening */
function onSummaryRequest(answer: () => void): () => void {
  process.on('SIGUSR1', answer);
  return () => void process.off('SIGUSR1', answer);
}

/** @throws TcptraceError if no probe could be attached */
function attach(options: WatchOptions, {stdout}: Streams, stopper: Stopper, say: Say): Trace {
  // the trace stops when the reader of this descriptor closes it
  const outputFd =
    options.reportFd ?? (options.output === undefined ? stdout.fd : findDescriptor(options.output));
  const limits = {...options.limits, ...(outputFd !== undefined && {outputFd})};
  const names = options.names && {names: {...options.names, say}};
  return openTrace({...pickTraceOptions(options), ...names, limits, signal: stopper.signal});
}

function announce(trace: Trace, {intervalMs, remarks, command}: WatchOptions, log: TraceLog): void {
  warnOfFallback(trace, intervalMs, log.warn);
  for (const note of trace.notes) log.say(`without ${note}`);
  const client = command && describeClient(command.words);
  for (const remark of client === undefined ? remarks : [...remarks, client]) log.say(remark);
  log.ready(trace.source);
}

/** Runs the command, and stops the trace when it has exited. @throws TcptraceError if it cannot be run */
function launchTraced(
  command: Command,
  trace: Trace,
  {output}: WatchOptions,
  stop: () => void,
  log: TraceLog,
): Launched {
  const launched = launch(command, output === undefined ? 2 : 1);
  const onExit = (): void => {
    const followed = trace.source === 'proc' ? [] : trace.followed();
    const left = describeLeftBehind(followed.filter((pid) => !launched.ownPids.includes(pid)));
    stop();
    if (launched.isTimeOver()) log.warn('the command was terminated after --duration');
    if (left !== undefined) log.warn(left);
  };
  launched.status.then(onExit, stop);
  return launched;
}

/** Waits for the command after a failure of its trace, which is reported at once. */
async function outlive(launched: Launched, error: unknown, log: TraceLog): Promise<number> {
  const explanation = explain(error, 'watch');
  if (!log.fail(explanation) && explanation.line !== undefined) log.warn(explanation.line);
  await launched.status.catch(() => undefined);
  return explanation.exitCode;
}

/** Handles a failure before the command started. @throws the error, unless the log reports it */
function abandon(error: unknown, log: TraceLog): number {
  const explanation = explain(error, 'watch');
  if (!log.fail(explanation)) throw error;
  return explanation.exitCode;
}

/** Parts that exist only after the start; signals can arrive before. */
interface Started {
  output?: Output;
  metrics?: Metrics;
  launched?: Launched;
}

interface Session {
  readonly options: WatchOptions;
  readonly streams: Streams;
  readonly log: TraceLog;
  readonly stopper: Stopper;
  readonly started: Started;
  /** Functions to call at the end, after success or failure. */
  readonly releases: (() => void)[];
}

/** Stops the trace on signals; with a command, the command receives them instead. */
function stopOnSignals({command, output}: WatchOptions, started: Started): Stopper {
  return createStopper(
    command &&
      ((signal) => {
        if (started.launched === undefined) exitBy(signal);
        started.launched.passOn(signal);
      }),
    output === undefined || command ? undefined : () => void started.output?.reopen(),
  );
}

/**
 * Stops the trace when the output is closed, and, without a command, after --duration and when all followed processes have
 * exited.
 */
function stopOnConditions({options, stopper, releases}: Session, output: Output): void {
  const {durationMs, follow, command} = options;
  stopper.follow(output.closed);
  if (command) return;
  if (durationMs !== undefined) stopper.after(durationMs);
  if (follow) releases.push(onProcessesExit(follow.pids, stopper.stop));
}

/** @returns true if the summary has a reader: the output is open, and the trace was stopped or is incomplete */
async function print(
  events: Trace['events'],
  output: Output,
  counter: Counter,
  {options, streams, stopper}: Session,
): Promise<boolean> {
  const {count, stats} = options;
  const formatter = await loadFormat({...options, nameNetns: createNetnsNamer()}, streams.stdout);
  const limit = {count, ...(stats && {stop: stopper.stop})};
  const hasEnded = await printEvents(events, formatter, output, counter, limit);
  await output.end();
  return !output.closed.aborted && (!hasEnded || stopper.signal.aborted);
}

/** Prints the events, then --stats and the summary. @param tally counts the events */
async function report(
  trace: Trace,
  output: Output,
  session: Session,
  tally: Tally,
  summarize: (bytes?: MovedBytes) => string,
): Promise<void> {
  const {options, streams, log} = session;
  const stats = await loadStats(options, streams.stderr);
  const warnIfFull = createFullMapWarning(trace, log.warn);
  const counter = {
    add(event: TraceEvent) {
      tally.add(event);
      stats.add(event);
      warnIfFull(event);
      log.printed();
    },
    written: log.written,
  };
  const {metrics} = session.started;
  const counted = metrics?.follow(trace) ?? trace.events;
  const events = hideKinds(options, counted, stats);
  const isRead = await print(events, output, counter, session);
  await metrics?.finish();
  if (!isRead) return;
  await stats.print();
  reportStats(trace, log.say);
  log.done(summarize(stats.bytes()));
}

/** @throws TcptraceError if the address or the file cannot be used */
async function startMetrics({options, log, started, releases}: Session): Promise<void> {
  const {metrics, updatesOnRequest = false} = options;
  if (metrics === undefined) return;
  const {openMetrics} = await import('./metrics.js');
  started.metrics = await openMetrics(metrics, updatesOnRequest, log.warn);
  releases.push(started.metrics.close);
}

/** Traces from the opened output to the command's exit. */
async function run(session: Session): Promise<number> {
  const {options, streams, log, stopper, started, releases} = session;
  const {command, readyFile} = options;
  const writeReadyFile = readyFile === undefined ? undefined : prepareReadyFile(readyFile);
  const output = await openOutput(options, streams, log.warn);
  started.output = output;
  await startMetrics(session);
  const trace = attach(options, streams, stopper, log.say);
  const tally = createTally();
  const start = performance.now();
  const summarize = (bytes?: MovedBytes): string =>
    formatSummary(tally, trace.source, (performance.now() - start) / 1000, bytes);
  const warnSummary = (): void => {
    log.warn(summarize());
  };
  releases.push(onSummaryRequest(warnSummary));
  stopOnConditions(session, output);
  releases.push(onNetnsChange(options.netnsPaths, log.warn));
  for (const note of started.metrics?.notes ?? []) log.say(note);
  announce(trace, options, log);
  limitYoungGeneration();
  writeReadyFile?.();
  // a signal before this point stops tcptrace before the command starts
  if (command) await takeSignals();
  if (command) started.launched = launchTraced(command, trace, options, stopper.stop, log);
  await report(trace, output, session, tally, summarize);
  if (options.failOnLoss) refuseLoss(trace, tally.counts.lost);
  return (await started.launched?.status) ?? ExitCode.DONE;
}

/**
 * Runs until a signal, --duration, --count, the exit of the command or of all followed processes, or until the reader of
 * the output closes it.
 *
 * @returns the command's exit code, if there is a command
 * @throws TcptraceError if no probe could be attached, the output failed, or the command cannot be run
 */
export async function watch(options: WatchOptions, streams: Streams): Promise<number> {
  const {reportFd} = options;
  const log =
    reportFd === undefined ? createTextLog(streams.stderr, options.quiet) : createRecordLog(reportFd);
  const started: Started = {};
  const stopper = stopOnSignals(options, started);
  const releases = [stopper.release];
  try {
    return await run({options, streams, log, stopper, started, releases});
  } catch (error) {
    const {launched} = started;
    return launched === undefined ? abandon(error, log) : await outlive(launched, error, log);
  } finally {
    for (const release of releases) release();
  }
}
