/** Recordings by name, with broken lines told. */
import {constants, createReadStream, openSync, statSync} from 'node:fs';
import {Socket} from 'node:net';
import {addAbortSignal, type Readable} from 'node:stream';
import {ExitCode, reasonOf, TcptraceError} from '../../model/errors.js';
import type {TraceEvent} from '../../model/event.js';
import {readRecording} from '../../sources/recording.js';
import type {Say} from './notices.js';

export interface RecordingOptions {
  /** `-` is stdin. */
  readonly file: string;
  /** A broken line is a failure. */
  readonly strict: boolean;
}

/** Broken lines that are told one by one; of more, how many. Before the first event one is enough. */
const TOLD = 10;

/** What gzip(1) begins a file with. */
const GZIP = Buffer.from([0x1f, 0x8b]);

function readError(file: string, error: unknown): TcptraceError {
  const message = `cannot read ${file}: ${reasonOf(error)}`;
  return new TcptraceError(message, ExitCode.FAILURE, undefined, {cause: error});
}

/** A thread that waits for a pipe could not be interrupted, so pipes are read without one. */
function openFile(file: string): Readable {
  if (!statSync(file).isFIFO()) return createReadStream(file);
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({fd, readable: true, writable: false});
}

interface Beginning {
  isCompressed: boolean;
}

/** The same pieces; how the first one begins is noted. */
async function* look(input: AsyncIterable<Buffer>, beginning: Beginning): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const piece of input) {
    if (isFirst) beginning.isCompressed = piece.subarray(0, GZIP.length).equals(GZIP);
    isFirst = false;
    yield piece;
  }
}

function noEvent(file: string, {isCompressed}: Beginning): TcptraceError {
  const unpack = `zcat ${file === '-' ? '' : `${file} `}| tcptrace replay -`;
  const hint = isCompressed ? `it is compressed: ${unpack}` : undefined;
  return new TcptraceError(`${file}: no line of it is an event`, ExitCode.FAILURE, hint);
}

/**
 * @param isWanted the others are left out
 * @param signal ends it before its end when aborted
 * @throws TcptraceError where the file cannot be read, or holds lines and no event, or what it should not (strict)
 */
export async function* openRecording(
  {file, strict}: RecordingOptions,
  stdin: Readable,
  say: Say,
  isWanted: (event: TraceEvent) => boolean,
  signal?: AbortSignal,
): AsyncGenerator<TraceEvent, void, undefined> {
  let [events, broken, told] = [0, 0, 0];
  const beginning: Beginning = {isCompressed: false};
  try {
    const input = file === '-' ? stdin : openFile(file);
    if (signal) addAbortSignal(signal, input);
    for await (const {number, event} of readRecording(look(input, beginning))) {
      if (event !== undefined) {
        events += 1;
        if (isWanted(event)) yield event;
        continue;
      }
      broken += 1;
      const place = `${file}:${String(number)}: not an event`;
      if (strict) throw new TcptraceError(place, ExitCode.FAILURE, 'leave out --strict to skip such lines');
      if (told >= (events === 0 ? 1 : TOLD)) continue;
      told += 1;
      say(`${place}, skipped`);
    }
  } catch (error) {
    if (signal?.aborted) return;
    throw error instanceof TcptraceError ? error : readError(file, error);
  }
  if (events === 0 && broken > 0) throw noEvent(file, beginning);
  if (broken > told) say(`${file}: ${String(broken)} lines are not events, skipped`);
}
