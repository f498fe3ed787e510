/** `tcptrace replay` from options to exit code: a recording is joined to a sink. */
import type {Readable} from 'node:stream';
import {setTimeout} from 'node:timers/promises';
import {ExitCode} from '../../model/errors.js';
import type {TraceEvent} from '../../model/event.js';
import {inBatches} from '../../model/batches.js';
import {createMatcher, type Filter} from '../../filter/filter.js';
import {MAX_MS} from '../../model/duration.js';
import {parseTimeUs} from '../../model/time.js';
import {createNotices} from '../io/notices.js';
import {openRecording, type RecordingOptions} from '../io/recordings.js';
import {refuseOwnRecording} from '../io/refuse-self-overwrite.js';
import {type OutputOptions, loadFormat, loadStats, openOutput, printEvents} from '../io/printer.js';
import {createStopper} from '../run/signals.js';
import type {Streams} from '../watch/session.js';

export interface ReplayOptions extends RecordingOptions, OutputOptions {
  readonly filter: Filter;
  /** Events to print; undefined is without end. */
  readonly count: number | undefined;
  /** How many times faster than it happened; undefined is as fast as can be. */
  readonly speed: number | undefined;
  readonly quiet: boolean;
}

/** Events that need not be written one by one, and how long one may wait for others. */
const BATCH = 256;
const MAX_DELAY_MS = 50;

/** Waits before each event as long as it took to happen. */
async function* pace(
  events: AsyncIterable<TraceEvent>,
  speed: number,
  signal: AbortSignal,
): AsyncGenerator<TraceEvent[]> {
  const begin = performance.now();
  let firstUs: number | undefined;
  for await (const event of events) {
    const timeUs = parseTimeUs(event.time);
    firstUs ??= timeUs;
    const dueMs = begin + (timeUs - firstUs) / 1000 / speed;
    for (let ms = dueMs - performance.now(); ms > 0 && !signal.aborted; ms = dueMs - performance.now())
      await setTimeout(Math.min(ms, MAX_MS), undefined, {signal}).catch(() => undefined);
    if (signal.aborted) return;
    yield [event];
  }
}

/** @throws TcptraceError where the recording cannot be read or is the output, too, or that failed */
export async function replay(
  options: ReplayOptions,
  {stdin, stdout, stderr}: Streams & {readonly stdin: Readable},
): Promise<ExitCode> {
  const {filter, speed, count, quiet} = options;
  refuseOwnRecording([options.file], options.output);
  const stopper = createStopper();
  try {
    const {signal} = stopper;
    const say = createNotices(stderr, quiet);
    const events = openRecording(options, stdin, say, createMatcher(filter), signal);
    const batches =
      speed === undefined ? inBatches(events, BATCH, MAX_DELAY_MS) : pace(events, speed, signal);
    const output = await openOutput(options, {stdout, stderr}, createNotices(stderr, false));
    stopper.follow(output.closed);
    const stats = await loadStats(options, stderr);
    await printEvents(batches, await loadFormat(options, stdout), output, stats, count);
    await output.end();
    stats.print();
    return ExitCode.DONE;
  } finally {
    // what is left of the recording is not waited for
    stopper.stop();
    stopper.release();
  }
}
