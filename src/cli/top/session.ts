/** `tcptrace top` from options to exit code: connects a trace to a screen, or to snapshots in a pipe. */
import type {ReadStream} from 'node:tty';
import {ExitCode} from '../../model/errors.js';
import {type ActivityMeter, createActivityMeter} from '../../aggregate/activity.js';
import {createOutput} from '../../output/output.js';
import {hasScreen, type Terminal} from '../../terminal/screen.js';
import {unblock} from '../../terminal/unblock.js';
import {trace as openTrace, type Trace} from '../../trace.js';
import {pickTraceOptions} from '../../trace-options.js';
import {createNotices, type Say} from '../io/notices.js';
import {warnOfFallback} from '../io/trace-report.js';
import {createStopper, type Stopper} from '../run/signals.js';
import {showIntervals} from './intervals.js';
import type {TopOptions} from './options.js';
import {createRowNames, type RowNames} from './names.js';
import {type Display, openScreen} from './screen.js';
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

/** Counts the events of a trace. @param first shows preexisting connections at once, without waiting for the interval */
async function count(
  {events}: Trace,
  meter: ActivityMeter,
  {counts}: RowNames,
  first: Display | undefined,
): Promise<void> {
  let isFirst = true;
  for await (const batch of events) {
    for (const event of batch) if (counts(event)) meter.add(event);
    if (isFirst) await first?.show(meter);
    isFirst = false;
  }
}

/** Runs until the trace ends. @param releases receives functions to call at the end, the last one first */
async function run(
  options: TopOptions,
  streams: TopStreams,
  stopper: Stopper,
  releases: (() => void)[],
): Promise<void> {
  const {stdin, stdout, stderr} = streams;
  const {names: lookups, ...traced} = options;
  const {durationMs, intervalMs, quiet, remarks} = options;
  const limits = {...options.limits, outputFd: stdout.fd};
  const trace = openTrace({...pickTraceOptions(traced), limits, signal: stopper.signal});
  warnOfFallback(trace, intervalMs, createNotices(stderr, false));
  const isLive = stdout.isTTY === true && stdin.isTTY && hasScreen(process.env.TERM);
  unblock(stdout);
  const output = createOutput(stdout);
  stopper.follow(output.closed);
  if (durationMs !== undefined) stopper.after(durationMs);
  const notify = createNotices(stderr, quiet);
  if (!isLive) notify(`tracing with ${trace.source} (ready)`);
  const say = isLive ? postpone(notify, releases) : notify;
  for (const remark of remarks) say(remark);
  const names = createRowNames(lookups && {...lookups, say});
  releases.push(names.close);
  const display = isLive
    ? openScreen(options, trace.source, names, streams, stopper.stop)
    : openSnapshots(options, trace.source, names, output, stdout);
  releases.push(display.close);
  const meter = createActivityMeter(names.ofProcess);
  const intervals = showIntervals(display, meter, options, stopper);
  releases.push(intervals.stop);
  await count(trace, meter, names, isLive ? display : undefined);
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
