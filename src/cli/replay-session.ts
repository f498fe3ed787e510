/** `tcptrace replay` from options to exit code: a recording is joined to a sink. */
import type {Readable} from 'node:stream';
import {setTimeout} from 'node:timers/promises';
import {ExitCode} from '../model/errors.js';
import type {TraceEvent} from '../model/event.js';
import {createMatcher, type Filter} from '../model/filter.js';
import {MAX_MS} from '../model/duration.js';
import {parseTimeUs} from '../model/time.js';
import {createNotices} from './notices.js';
import {openRecording, type RecordingOptions} from './open-recording.js';
import {type Form, loadFormat, loadStats, openOutput, printEvents} from './print.js';
import {createStopper} from './stop.js';
import type {Streams} from './watch-session.js';

export interface ReplayOptions extends RecordingOptions, Form {
  readonly filter: Filter;
  /** Events to print; undefined is without end. */
  readonly count: number | undefined;
  /** How many times faster than it happened; undefined is as fast as can be. */
  readonly speed: number | undefined;
  readonly quiet: boolean;
}

/** Events that need not be written one by one. */
const BATCH = 256;

async function* batch(events: AsyncIterable<TraceEvent>, filter: Filter): AsyncGenerator<TraceEvent[]> {
  const matches = createMatcher(filter);
  let some: TraceEvent[] = [];
  for await (const event of events) {
    if (!matches(event)) continue;
    some.push(event);
    if (some.length < BATCH) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

/** Waits before each event as long as it took to happen. */
async function* pace(
  events: AsyncIterable<TraceEvent>,
  filter: Filter,
  speed: number,
  signal: AbortSignal,
): AsyncGenerator<TraceEvent[]> {
  const matches = createMatcher(filter);
  const begin = performance.now();
  let firstUs: number | undefined;
  for await (const event of events) {
    if (!matches(event)) continue;
    const timeUs = parseTimeUs(event.time);
    firstUs ??= timeUs;
    const dueMs = begin + (timeUs - firstUs) / 1000 / speed;
    for (let ms = dueMs - performance.now(); ms > 0 && !signal.aborted; ms = dueMs - performance.now())
      await setTimeout(Math.min(ms, MAX_MS), undefined, {signal}).catch(() => undefined);
    if (signal.aborted) return;
    yield [event];
  }
}

/** @throws TcptraceError where the recording cannot be read, or the output failed */
export async function replay(
  options: ReplayOptions,
  {stdin, stdout, stderr}: Streams & {readonly stdin: Readable},
): Promise<ExitCode> {
  const {filter, speed, count, quiet} = options;
  const stopper = createStopper();
  try {
    const events = openRecording(options, stdin, createNotices(stderr, quiet));
    const batches = speed === undefined ? batch(events, filter) : pace(events, filter, speed, stopper.signal);
    const output = await openOutput(options, stdout);
    const stats = await loadStats(options, stderr);
    await printEvents(batches, await loadFormat(options, stdout), output, stats, count);
    await output.end();
    stats.print();
    return ExitCode.DONE;
  } finally {
    stopper.release();
  }
}
