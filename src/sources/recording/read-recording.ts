/** Library: reads recordings in batches of events. */
import {createMatcher, type Filter} from '../../filter/filter.js';
import {completeFilter} from '../../filter/validate.js';
import {inBatches} from '../../model/basics/batches.js';
import {EVENT_KINDS, type TraceEvent} from '../../model/event.js';
import {parseMoment} from '../../model/units/moment.js';
import {
  type BrokenLine,
  mergeRecordings,
  type Recording,
  recordingOf,
  recordingOfStream,
} from './recording.js';
import {within} from './time-range.js';

/** A path, or a stream such as process.stdin; NDJSON as `watch` writes it, plain or compressed by gzip or zstd. */
export type RecordingInput = string | AsyncIterable<Uint8Array>;

export interface ReadRecordingOptions {
  /** Selects events as the filter of trace() does; all kinds of events by default. */
  readonly filter?: Partial<Filter>;
  /** Selects events from this time on, such as `2026-11-28T10:00:00Z`, `today 10:00` or `-10m`. */
  readonly since?: string;
  /** Selects events up to and including this time. */
  readonly until?: string;
  /** Receives each line that is not an event; without it, such lines are skipped. */
  readonly onBrokenLine?: (line: BrokenLine) => void;
  /** Stops reading when aborted. */
  readonly signal?: AbortSignal;
}

/** Largest batch, and the longest time that an event waits for others. */
const BATCH = 256;
const MAX_DELAY_MS = 50;

function toRecording(input: RecordingInput, index: number): Recording {
  return typeof input === 'string'
    ? recordingOf(input)
    : recordingOfStream(`stream ${String(index + 1)}`, input);
}

/**
 * Reads one recording, or several in order of time, in bounded memory.
 *
 * @throws TcptraceError if an option is invalid; while reading, if a recording cannot be read or no line of it is an event
 */
export function readRecording(
  input: RecordingInput | readonly RecordingInput[],
  options: ReadRecordingOptions = {},
): AsyncGenerator<readonly TraceEvent[], void, undefined> {
  const {filter, since, until, onBrokenLine, signal} = options;
  const matches = createMatcher(completeFilter(filter, EVENT_KINDS));
  const isWithin = within(
    since === undefined ? undefined : parseMoment(since),
    until === undefined ? undefined : parseMoment(until),
  );
  const inputs = isList(input) ? input : [input];
  return inBatches(
    mergeRecordings(inputs.map(toRecording), {
      accepts: (event) => isWithin(event) && matches(event),
      ...(onBrokenLine && {onBrokenLine}),
      signal,
    }),
    BATCH,
    MAX_DELAY_MS,
  );
}

function isList(input: RecordingInput | readonly RecordingInput[]): input is readonly RecordingInput[] {
  return Array.isArray(input);
}
