/** Reads the lines of a recording: NDJSON as `watch` writes it. */
import {pipeline, Readable} from 'node:stream';
import {parse} from 'ndjson';
import type {TraceEvent} from '../../model/event.js';
import {MAX_LINE_BYTES} from '../../model/limits.js';
import {parseEvent} from '../../model/schema/parse-event.js';

const LINE_FEED = 10;

/** U+FEFF, which some editors and shells put before the first line. */
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

function withoutMark(line: Buffer): Buffer {
  const mark = line.subarray(0, BYTE_ORDER_MARK.length);
  return mark.equals(BYTE_ORDER_MARK) ? line.subarray(BYTE_ORDER_MARK.length) : line;
}

/** One line that is not blank; `event` is undefined if the line is not an event. */
export interface RecordedLine {
  readonly number: number;
  readonly event: TraceEvent | undefined;
}

/**
 * Prefixes each line with its number, as JSON: `[7,LINE]`. `[7]` stands for a line that is too long, `[-7]` for a blank one.
 * A blank line follows the last one, so that a gap at the end shows, too.
 */
async function* numberLines(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let number = 0;
  let kept: Buffer[] = [];
  let size = 0;

  function take(): Buffer {
    number += 1;
    const whole = Buffer.concat(kept);
    const line = number === 1 ? withoutMark(whole) : whole;
    const isTooLong = size > MAX_LINE_BYTES;
    kept = [];
    size = 0;
    if (isTooLong) return Buffer.from(`[${String(number)}]\n`);
    if (line.toString('latin1').trim() === '') return Buffer.from(`[-${String(number)}]\n`);
    return Buffer.concat([Buffer.from(`[${String(number)},`), line, Buffer.from(']\n')]);
  }

  function keep(piece: Buffer): void {
    size += piece.length;
    if (size <= MAX_LINE_BYTES) kept.push(piece);
    else kept = [];
  }

  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      keep(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    keep(chunk.subarray(start));
  }
  yield take();
  yield take();
}

/**
 * Reads events to the end of the stream, one line at a time, in bounded memory.
 *
 * @throws the stream's error
 */
export async function* readLines(
  input: AsyncIterable<Buffer>,
): AsyncGenerator<RecordedLine, void, undefined> {
  // the parser drops a line that is not JSON, which leaves a gap in the numbers
  const parser = parse({strict: false});
  // an error of the input destroys the parser with it, and the loop below throws it
  pipeline(Readable.from(numberLines(input)), parser, () => undefined);
  let known = 0;
  for await (const row of parser as AsyncIterable<readonly [number, unknown?, ...unknown[]]>) {
    const number = Math.abs(row[0]);
    while (++known < number) yield {number: known, event: undefined};
    if (row[0] > 0) yield {number, event: row.length === 2 ? parseEvent(row[1]) : undefined};
  }
}
