/** Recordings by name, with broken lines told. */
import {createReadStream} from 'node:fs';
import type {Readable} from 'node:stream';
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

/** @throws TcptraceError where the file cannot be read, or holds what it should not (strict) */
export async function* openRecording(
  {file, strict}: RecordingOptions,
  stdin: Readable,
  say: Say,
): AsyncGenerator<TraceEvent, void, undefined> {
  let broken = 0;
  try {
    for await (const {number, event} of readRecording(file === '-' ? stdin : createReadStream(file))) {
      if (event !== undefined) {
        yield event;
        continue;
      }
      broken += 1;
      const place = `${file}:${String(number)}: not an event`;
      if (strict) throw new TcptraceError(place, ExitCode.FAILURE, 'leave out --strict to skip such lines');
      if (broken <= TOLD) say(`${place}, skipped`);
    }
  } catch (error) {
    throw error instanceof TcptraceError ? error : readError(file, error);
  }
  if (broken > TOLD) say(`${file}: ${String(broken)} lines are not events, skipped`);
}
