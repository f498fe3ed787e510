/** Recordings by name, with broken lines told. */
import {constants, createReadStream, openSync, statSync} from 'node:fs';
import {Socket} from 'node:net';
import {addAbortSignal, type Readable} from 'node:stream';
import {ExitCode, reasonOf, TcptraceError} from '../model/errors.js';
import type {TraceEvent} from '../model/event.js';
import {readRecording} from '../sources/recording.js';
import type {Say} from './notices.js';

export interface RecordingOptions {
  /** `-` is stdin. */
  readonly file: string;
  /** A broken line is a failure. */
  readonly strict: boolean;
}

/** Broken lines that are told one by one; of more, how many. */
const TOLD = 10;

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

/**
 * @param isWanted the others are left out
 * @param signal ends it before its end when aborted
 * @throws TcptraceError where the file cannot be read, or holds what it should not (strict)
 */
export async function* openRecording(
  {file, strict}: RecordingOptions,
  stdin: Readable,
  say: Say,
  isWanted: (event: TraceEvent) => boolean,
  signal?: AbortSignal,
): AsyncGenerator<TraceEvent, void, undefined> {
  let broken = 0;
  try {
    const input = file === '-' ? stdin : openFile(file);
    if (signal) addAbortSignal(signal, input);
    for await (const {number, event} of readRecording(input)) {
      if (event !== undefined) {
        if (isWanted(event)) yield event;
        continue;
      }
      broken += 1;
      const place = `${file}:${String(number)}: not an event`;
      if (strict) throw new TcptraceError(place, ExitCode.FAILURE, 'leave out --strict to skip such lines');
      if (broken <= TOLD) say(`${place}, skipped`);
    }
  } catch (error) {
    if (signal?.aborted) return;
    throw error instanceof TcptraceError ? error : readError(file, error);
  }
  if (broken > TOLD) say(`${file}: ${String(broken)} lines are not events, skipped`);
}
