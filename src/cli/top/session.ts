/** `tcptrace top` from options to exit code: connects a trace to a screen, or to snapshots in a pipe. */
import {setImmediate} from 'node:timers/promises';
import type {ReadStream} from 'node:tty';
import {ExitCode} from '../../model/errors.js';
import {type ActivityMeter, createActivityMeter, GROUPINGS} from '../../aggregate/activity.js';
import {defaultSort} from '../../format/reports/activity/sort.js';
import {hasScreen, type Terminal} from '../../terminal/screen.js';
import {unblock} from '../../terminal/unblock.js';
import {trace as openTrace, type Trace} from '../../trace.js';
import {pickTraceOptions} from '../../trace-options.js';
import {createNotices, type Say} from '../io/notices.js';
import {openOutput} from '../io/printer.js';
import {warnOfFallback} from '../io/trace-report.js';
import {createStopper, type Stopper} from '../run/signals.js';
import {showIntervals} from './intervals.js';
import type {TopOptions} from './options.js';
import {createRowNames, type RowNames} from './names.js';
import {createPace} from './pace.js';
import {openScreen} from './screen.js';
import {openSnapshots} from './snapshots.js';
import type {Streams} from '../io/streams.js';

export interface TopStreams extends Streams {
  readonly stdin: ReadStream;
  readonly stdout: Streams['stdout'] & Terminal;
}

/** Keeps notices, which would overwrite the screen, and prints them at the end. */
function postpone(say: Say, releases: (() => void)[]): Say {
  const notices: string[] = [];
  releases.push(() => {
    for (const notice of notices) say(notice);
  });
  return (notice) => notices.push(notice);
}

/** A running count of the events of a trace. */
interface Counting {
  /** Makes the meter count what live connections have moved so far; only with eBPF. */
  readonly look: () => Promise<void>;
  /** Resolves when preexisting connections, and their totals so far, are known, or the trace has ended. */
  readonly begun: Promise<unknown>;
  readonly ended: Promise<void>;
}

async function addAll({events}: Trace, meter: ActivityMeter, {counts}: RowNames): Promise<void> {
  for await (const batch of events) for (const event of batch) if (counts(event)) meter.add(event);
}

function startCounting(trace: Trace, meter: ActivityMeter, names: RowNames): Counting {
  const look = trace.source === 'proc' ? (): Promise<void> => setImmediate() : trace.update;
  const ended = addAll(trace, meter, names);
  return {look, begun: Promise.race([look(), ended]), ended};
}

function attach(options: Omit<TopOptions, 'names'>, {stdout, stderr}: TopStreams, stopper: Stopper): Trace {
  const limits = {...options.limits, ...(options.output === undefined && {outputFd: stdout.fd})};
  const trace = openTrace({...pickTraceOptions(options), limits, signal: stopper.signal});
  warnOfFallback(trace, options.intervalMs, createNotices(stderr, false));
  return trace;
}

function usesScreen({format, output}: TopOptions, {stdin, stdout}: TopStreams): boolean {
  const isTable = format === 'table' && output === undefined;
  return isTable && stdout.isTTY === true && stdin.isTTY && hasScreen(process.env.TERM);
}

/** Runs until the trace ends. @param releases receives functions to call at the end, the last one first */
async function run(
  options: TopOptions,
  streams: TopStreams,
  stopper: Stopper,
  releases: (() => void)[],
): Promise<void> {
  const {stdout, stderr} = streams;
  // names are looked up for rows, not for each event
  const {names: lookups, ...traced} = options;
  const {durationMs, grouping, quiet, remarks} = options;
  const notify = createNotices(stderr, quiet);
  const output = await openOutput(options, streams, createNotices(stderr, false));
  const trace = attach(traced, streams, stopper);
  const {source} = trace;
  const shown = {...options, source, sort: options.sort ?? defaultSort(source)};
  const isLive = usesScreen(options, streams);
  unblock(stdout);
  stopper.follow(output.closed);
  const say = isLive ? postpone(notify, releases) : notify;
  for (const remark of remarks) say(remark);
  const names = createRowNames(lookups && {...lookups, say});
  releases.push(names.close);
  const pace = createPace(options.intervalMs);
  const display = isLive
    ? openScreen(shown, names, streams, {stop: stopper.stop, changeInterval: pace.change})
    : openSnapshots(shown, names, output, stdout);
  releases.push(display.close);
  const {ofProcess: namesOf, containerOf, userOf} = names;
  const groupings = isLive ? GROUPINGS : [grouping];
  const meter = createActivityMeter({namesOf, containerOf, userOf, groupings});
  const {look, begun, ended} = startCounting(trace, meter, names);
  await begun;
  if (durationMs !== undefined) stopper.after(durationMs);
  if (isLive) await display.show(meter);
  else notify(`tracing with ${source} (ready)`);
  const intervals = showIntervals({display, meter, look}, pace, options, stopper);
  releases.push(intervals.stop);
  await ended;
  await intervals.finish();
  if (!isLive) await output.end();
}

/**
 * Runs until `q`, a signal, --duration or --count, or until the reader of the output closes it.
 *
 * @throws TcptraceError if no probe could be attached, or the output failed
 */
export async function top(options: TopOptions, streams: TopStreams): Promise<ExitCode> {
  const stopper = createStopper();
  const releases = [stopper.release];
  try {
    await run(options, streams, stopper, releases);
    return ExitCode.DONE;
  } finally {
    for (const release of releases.reverse()) release();
  }
}
