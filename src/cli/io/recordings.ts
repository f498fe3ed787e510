/** Reads the recordings that a user names, with notices about broken lines. */
import {fstatSync} from 'node:fs';
import type {Readable} from 'node:stream';
import {ExitCode, TcptraceError} from '../../model/errors.js';
import type {TraceEvent} from '../../model/event.js';
import {
  type BrokenLine,
  mergeBatches,
  type MergedBatch,
  type MergeOrder,
  type ReadOptions,
  type Recording,
  recordingOf,
} from '../../sources/recording/recording.js';
import type {Say} from './notices.js';

export interface RecordingOptions {
  /** Paths; `-` is stdin. */
  readonly files: readonly string[];
  /** Fail at a broken line. */
  readonly strict: boolean;
}

/** Access `stdin` only if a recording is `-`: the getter creates the stream, which changes the mode of a pipe. */
export interface WithStdin {
  readonly stdin: Readable;
}

/** Limit of broken lines of a recording that are reported one by one; only one is before its first event. */
const MAX_NOTICES = 10;

/** Returns true if stdin is a pipe or a redirected file; false for a terminal, /dev/null and a closed stdin. */
export function hasInput(): boolean {
  const stats = fstatSync(0);
  return stats.isFIFO() || stats.isFile() || stats.isSocket();
}

interface BrokenLines {
  readonly report: (line: BrokenLine) => void;
  readonly summarize: () => void;
}

function createBrokenLines(strict: boolean, say: Say): BrokenLines {
  const counts = new Map<string, {broken: number; reported: number}>();
  return {
    report({name, number, isFirst}) {
      const place = `${name}:${String(number)}: not an event`;
      if (strict) throw new TcptraceError(place, ExitCode.FAILURE, 'leave out --strict to skip such lines');
      const count = counts.get(name) ?? {broken: 0, reported: 0};
      counts.set(name, count);
      count.broken += 1;
      if (count.reported >= (isFirst ? 1 : MAX_NOTICES)) return;
      count.reported += 1;
      say(`${place}, skipped`);
    },
    summarize() {
      for (const [name, {broken, reported}] of counts)
        if (broken > reported) say(`${name}: ${String(broken)} lines are not events, skipped`);
    },
  };
}

/**
 * Yields the selected events of all files in order of time, in batches of one recording each.
 *
 * @throws TcptraceError if a file cannot be read, or holds lines but no event, or a broken line with `strict`
 */
export async function* openBatches(
  {files, strict}: RecordingOptions,
  streams: WithStdin,
  say: Say,
  options: Omit<ReadOptions, 'onBrokenLine'>,
  order?: MergeOrder,
): AsyncGenerator<MergedBatch, void, undefined> {
  const recordings = files.map((file): Recording => {
    return file === '-' ? {name: '-', open: () => streams.stdin, isFile: false} : recordingOf(file);
  });
  const broken = createBrokenLines(strict, say);
  yield* mergeBatches(recordings, {...options, onBrokenLine: broken.report}, order);
  broken.summarize();
}

/**
 * Yields the selected events of all files, in order of time.
 *
 * @param signal stops reading when aborted
 * @throws as openBatches() does
 */
export async function* openRecordings(
  options: RecordingOptions,
  streams: WithStdin,
  say: Say,
  accepts: (event: TraceEvent) => boolean,
  signal?: AbortSignal,
): AsyncGenerator<TraceEvent, void, undefined> {
  for await (const {events} of openBatches(options, streams, say, {accepts, signal})) yield* events;
}
