/** Reads the lines of a recording: NDJSON as `watch` writes it. */
import type {TraceEvent} from '../../model/event.js';
import {MAX_LINE_BYTES} from '../../model/limits.js';
import {parseEvent} from '../../model/schema/parse-event.js';

const LINE_FEED = 10;

/** U+FEFF, which some editors and shells put before the first line. */
const BYTE_ORDER_MARK = '\uFEFF';

/** One line that is not blank; `event` is undefined if the line is not an event. */
export interface RecordedLine {
  readonly number: number;
  readonly event: TraceEvent | undefined;
}

/** @param text of one line; undefined if the line is too long */
function parseLine(text: string | undefined): TraceEvent | undefined {
  if (text === undefined) return undefined;
  try {
    return parseEvent(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Splits bytes into lines, in bounded memory. */
interface LineSplitter {
  /** Returns the complete lines; a line that is too long is undefined. */
  readonly split: (chunk: Buffer) => readonly (string | undefined)[];
  /** Returns the last line, which has no line feed. */
  readonly rest: () => string | undefined;
}

function createLineSplitter(): LineSplitter {
  let kept: Buffer[] = [];
  let size = 0;

  function keep(piece: Buffer): void {
    size += piece.length;
    if (size <= MAX_LINE_BYTES) kept.push(piece);
    else kept = [];
  }

  function rest(): string | undefined {
    const line = size > MAX_LINE_BYTES ? undefined : Buffer.concat(kept).toString('utf8');
    kept = [];
    size = 0;
    return line;
  }

  return {
    split(chunk) {
      const lines: (string | undefined)[] = [];
      let start = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
        if (size === 0 && end - start <= MAX_LINE_BYTES) lines.push(chunk.toString('utf8', start, end));
        else {
          keep(chunk.subarray(start, end));
          lines.push(rest());
        }
        start = end + 1;
      }
      if (start < chunk.length) keep(chunk.subarray(start));
      return lines;
    },
    rest,
  };
}

/**
 * Reads events to the end of the stream, in bounded memory; a batch has the lines of one chunk of the stream.
 *
 * @throws the stream's error
 */
export async function* readLineBatches(
  input: AsyncIterable<Buffer>,
): AsyncGenerator<readonly RecordedLine[], void, undefined> {
  const splitter = createLineSplitter();
  let number = 0;

  function parse(texts: readonly (string | undefined)[]): readonly RecordedLine[] {
    const lines: RecordedLine[] = [];
    for (const whole of texts) {
      number += 1;
      const text = number === 1 && whole?.startsWith(BYTE_ORDER_MARK) ? whole.slice(1) : whole;
      if (text?.trim() !== '') lines.push({number, event: parseLine(text)});
    }
    return lines;
  }

  for await (const chunk of input) {
    const lines = parse(splitter.split(chunk));
    if (lines.length > 0) yield lines;
  }
  yield parse([splitter.rest()]);
}

/** Reads one line at a time. @throws the stream's error */
export async function* readLines(
  input: AsyncIterable<Buffer>,
): AsyncGenerator<RecordedLine, void, undefined> {
  for await (const lines of readLineBatches(input)) yield* lines;
}
