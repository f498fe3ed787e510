/** Merges recordings in order of time. */
import type {TraceEvent} from '../../model/event.js';
import {compareTimes} from '../../model/units/time.js';

export interface TimedSource {
  /** Its first event; undefined if unknown, or if it has none. The source is not opened before this event is due. */
  readonly first: TraceEvent | undefined;
  readonly open: () => AsyncGenerator<readonly TraceEvent[], void, undefined>;
  /** Returns the time by which events are ordered, in microseconds. */
  readonly timeOf: (event: TraceEvent) => number;
}

/** Consecutive events of one source. */
export interface MergedEvents {
  readonly events: readonly TraceEvent[];
  /** Index of the source. */
  readonly index: number;
}

/** An open source and its next event. */
interface Head {
  readonly source: TimedSource;
  readonly index: number;
  readonly batches: AsyncGenerator<readonly TraceEvent[], void, undefined>;
  batch: readonly TraceEvent[];
  at: number;
  time: number;
}

/** Reads the next batch. @returns false at the end of the source */
async function refill(head: Head): Promise<boolean> {
  const result = await head.batches.next();
  if (result.done === true) return false;
  const [event] = result.value;
  if (event === undefined) return refill(head);
  head.batch = result.value;
  head.at = 0;
  head.time = head.source.timeOf(event);
  return true;
}

/** Takes the next event and those before a time; `head` then has the first other one, or no event. */
function takeUntil(head: Head, limit: number): readonly TraceEvent[] {
  const {batch, source} = head;
  const start = head.at;
  do {
    head.at += 1;
    const event = batch[head.at];
    if (event === undefined) break;
    head.time = source.timeOf(event);
  } while (head.time < limit);
  return batch.slice(start, head.at);
}

/** Nanoseconds decide between times of the same microsecond. */
function precedes(a: Head, b: Head): boolean {
  if (a.time !== b.time) return a.time < b.time;
  return compareTimes(a.batch[a.at]?.time ?? '', b.batch[b.at]?.time ?? '') < 0;
}

function earliest(heads: readonly Head[]): Head | undefined {
  let found = heads[0];
  for (const head of heads) if (found !== undefined && precedes(head, found)) found = head;
  return found;
}

/** Returns the time of the next event of all other sources. */
function nextTime(heads: readonly Head[], except: Head, waitingTime: number): number {
  let time = waitingTime;
  for (const head of heads) if (head !== except && head.time < time) time = head.time;
  return time;
}

/** Returns the time of the first event; a source whose first event is unknown is opened at once. */
function startOf({first, timeOf}: TimedSource): number {
  return first === undefined ? -Infinity : timeOf(first);
}

/**
 * Yields the events of all sources in order of time if each source is in order. Buffers one batch of each open source.
 *
 * @param slackUs events may precede others that are so much earlier, which is faster
 */
export async function* mergeByTime(
  sources: readonly TimedSource[],
  slackUs = 0,
): AsyncGenerator<MergedEvents, void, undefined> {
  const waiting = sources
    .map((source, index) => ({source, index, start: startOf(source)}))
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  const heads: Head[] = [];
  const close = (head: Head): void => void heads.splice(heads.indexOf(head), 1);
  try {
    for (;;) {
      const head = earliest(heads);
      const [next] = waiting;
      if (next !== undefined && (head === undefined || startOf(next.source) <= head.time)) {
        waiting.shift();
        const {source, index} = next;
        const opened: Head = {source, index, batches: source.open(), batch: [], at: 0, time: 0};
        heads.push(opened);
        if (!(await refill(opened))) close(opened);
        continue;
      }
      if (head === undefined) return;
      const limit = nextTime(heads, head, next === undefined ? Infinity : startOf(next.source));
      yield {events: takeUntil(head, limit + slackUs), index: head.index};
      if (head.at >= head.batch.length && !(await refill(head))) close(head);
    }
  } finally {
    for (const {batches} of heads) await batches.return();
  }
}
