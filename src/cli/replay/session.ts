/** Runs `tcptrace replay`: prints recordings. */
import {setTimeout} from 'node:timers/promises';
import {ExitCode} from '../../model/errors.js';
import type {TraceEvent} from '../../model/event.js';
import {inBatches} from '../../model/basics/batches.js';
import {createMatcher} from '../../filter/filter.js';
import {MAX_TIMER_MS} from '../../model/limits.js';
import {parseTimeUs} from '../../model/units/time.js';
import {createNotices} from '../io/notices.js';
import {openRecordings, type WithStdin} from '../io/recordings.js';
import {refuseOwnRecording} from '../io/refuse-self-overwrite.js';
import {loadFormat, loadStats, openOutput, printEvents} from '../io/printer.js';
import {createStopper} from '../run/signals.js';
import {within} from '../../sources/recording/time-range.js';
import {takeLast} from './last.js';
import type {Streams} from '../io/streams.js';
import type {ReplayOptions} from './options.js';

/** Limit of events that are written together, and longest delay of one of them. */
const BATCH = 256;
const MAX_DELAY_MS = 50;

/** Delays each event by the time that passed before it, divided by the speed. */
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
      await setTimeout(Math.min(ms, MAX_TIMER_MS), undefined, {signal}).catch(() => undefined);
    if (signal.aborted) return;
    yield [event];
  }
}

/** @throws TcptraceError if a recording cannot be read or is the output as well, or the output failed */
export async function replay(options: ReplayOptions, streams: Streams & WithStdin): Promise<ExitCode> {
  const {files, filter, since, until, last, speed, count, quiet} = options;
  const {stdout, stderr} = streams;
  refuseOwnRecording(files, options.output);
  const stopper = createStopper();
  try {
    const {signal} = stopper;
    const say = createNotices(stderr, quiet);
    const [matches, isWithin] = [createMatcher(filter), within(since, until)];
    const accepts = (event: TraceEvent): boolean => isWithin(event) && matches(event);
    const all = openRecordings(options, streams, say, accepts, signal);
    const events = last === undefined ? all : takeLast(all, last);
    const batches =
      speed === undefined ? inBatches(events, BATCH, MAX_DELAY_MS) : pace(events, speed, signal);
    const output = await openOutput(options, {stdout, stderr}, createNotices(stderr, false));
    stopper.follow(output.closed);
    const stats = await loadStats(options, stderr);
    await printEvents(batches, await loadFormat(options, stdout), output, stats, {count});
    await output.end();
    await stats.print();
    return ExitCode.DONE;
  } finally {
    // the rest of the recordings is not read
    stopper.stop();
    stopper.release();
  }
}
