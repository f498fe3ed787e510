/** Reads recordings as a source of events. */
import {constants, createReadStream, openSync, statSync} from 'node:fs';
import {Socket} from 'node:net';
import {addAbortSignal, Readable} from 'node:stream';
import {ExitCode, reasonOf, TcptraceError} from '../../model/errors.js';
import type {TraceEvent} from '../../model/event.js';
import {parseTimeUs} from '../../model/units/time.js';
import {decompress} from './decompress.js';
import {mergeByTime, type TimedSource} from './merge.js';
import {readLineBatches} from './recorded-lines.js';

/** A file or stream of NDJSON, which may be compressed. */
export interface Recording {
  /** Name in messages. */
  readonly name: string;
  readonly open: () => Readable;
  /** True if open() works more than once. */
  readonly isFile: boolean;
}

export interface ReadOptions {
  /** Selects events. */
  readonly accepts: (event: TraceEvent) => boolean;
  /** Receives each line that is not an event; may throw. */
  readonly onBrokenLine?: (line: BrokenLine) => void;
  /** Stops reading when aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface BrokenLine {
  /** Name of the recording. */
  readonly name: string;
  /** Number of the line, from 1. */
  readonly number: number;
  /** True before the first event of this recording. */
  readonly isFirst: boolean;
}

function isFifo(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false})?.isFIFO() === true;
}

/** A blocking read of a FIFO would occupy a thread that no signal can interrupt. */
function openFifo(path: string): Readable {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({fd, readable: true, writable: false});
}

export function recordingOf(path: string): Recording {
  const fifo = isFifo(path);
  return {name: path, open: () => (fifo ? openFifo(path) : createReadStream(path)), isFile: !fifo};
}

export function recordingOfStream(name: string, input: AsyncIterable<Uint8Array>): Recording {
  return {name, open: () => (input instanceof Readable ? input : Readable.from(input)), isFile: false};
}

/** Errors of zlib have codes of their own, and numbers that mean something else in errno(3). */
function explainRead(error: unknown): string {
  const {code} = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR' || code === 'ZSTD_error_srcSize_wrong') return 'its compressed data ends early';
  if (code?.startsWith('Z_') === true || code?.startsWith('ZSTD_') === true)
    return `its compressed data is damaged (${error instanceof Error ? error.message : code})`;
  return reasonOf(error);
}

function readError(name: string, error: unknown): TcptraceError {
  const hint = error instanceof TcptraceError ? error.hint : undefined;
  const message = `cannot read ${name}: ${explainRead(error)}`;
  return new TcptraceError(message, ExitCode.FAILURE, hint, {cause: error});
}

/**
 * Yields the selected events of one recording in batches, as they are read.
 *
 * @throws TcptraceError if it cannot be read, or holds lines but no event; the error of `onBrokenLine`
 */
export async function* readEvents(
  recording: Recording,
  {accepts, onBrokenLine, signal}: ReadOptions,
): AsyncGenerator<readonly TraceEvent[], void, undefined> {
  const {name} = recording;
  let [events, broken] = [0, 0];
  for await (const lines of openLines(recording, signal)) {
    const batch: TraceEvent[] = [];
    for (const {number, event} of lines) {
      if (event === undefined) {
        broken += 1;
        onBrokenLine?.({name, number, isFirst: events === 0});
        continue;
      }
      events += 1;
      if (accepts(event)) batch.push(event);
    }
    if (batch.length > 0) yield batch;
  }
  if (events === 0 && broken > 0 && signal?.aborted !== true)
    throw new TcptraceError(`${name}: no line is an event`, ExitCode.FAILURE);
}

/** Reads lines with errors that name the recording; an abort ends them without an error. */
async function* openLines(
  {name, open}: Recording,
  signal: AbortSignal | undefined,
): ReturnType<typeof readLineBatches> {
  try {
    const input = open();
    if (signal) addAbortSignal(signal, input);
    yield* readLineBatches(decompress(input));
  } catch (error) {
    if (signal?.aborted !== true) throw readError(name, error);
  }
}

/** Returns the first event of a file; undefined for a stream, and if there is no event. */
async function readFirst(
  recording: Recording,
  signal: AbortSignal | undefined,
): Promise<TraceEvent | undefined> {
  if (!recording.isFile) return undefined;
  for await (const lines of openLines(recording, signal))
    for (const {event} of lines) if (event !== undefined) return event;
  return undefined;
}

/**
 * Yields the selected events of several recordings in order of time, in batches of one recording each. Opens a file only
 * when its first event is due, so a rotated set of any size is read in bounded memory.
 *
 * @throws as readEvents() does
 */
export async function* mergeBatches(
  recordings: readonly Recording[],
  options: ReadOptions,
  {timeOf = ({time}) => parseTimeUs(time), slackUs}: MergeOrder = {},
): AsyncGenerator<MergedBatch, void, undefined> {
  const sources: TimedSource[] = [];
  for (const recording of recordings) {
    // a single recording is not opened twice
    const first = recordings.length === 1 ? undefined : await readFirst(recording, options.signal);
    sources.push({
      first,
      open: () => readEvents(recording, options),
      timeOf: (event) => timeOf(event, recording),
    });
  }
  for await (const {events, index} of mergeByTime(sources, slackUs)) {
    const recording = recordings[index];
    if (recording !== undefined) yield {events, recording};
  }
}

/** Yields the selected events of several recordings in order of time. @throws as readEvents() does */
export async function* mergeRecordings(
  recordings: readonly Recording[],
  options: ReadOptions,
): AsyncGenerator<TraceEvent, void, undefined> {
  for await (const {events} of mergeBatches(recordings, options)) yield* events;
}

/** How events of several recordings are ordered. */
export interface MergeOrder {
  /** Returns the time of an event, in microseconds. By default its own. */
  readonly timeOf?: (event: TraceEvent, recording: Recording) => number;
  /** Events may precede others that are so much earlier, which is faster. @default 0 */
  readonly slackUs?: number;
}

/** Consecutive events of one recording. */
export interface MergedBatch {
  readonly events: readonly TraceEvent[];
  readonly recording: Recording;
}
