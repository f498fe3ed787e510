/** Merges recordings in order of time. */
import type {TraceEvent} from '../../model/event.js';
import {compareTimes} from '../../model/units/time.js';

export interface TimedSource {
  /** Time of its first event; undefined if unknown, or if it has none. The source is not opened before it is due. */
  readonly startTime: string | undefined;
  readonly open: () => AsyncIterable<TraceEvent>;
}

interface Head {
  readonly event: TraceEvent;
  readonly events: AsyncIterator<TraceEvent, unknown>;
}

async function readHead(events: AsyncIterator<TraceEvent, unknown>): Promise<Head | undefined> {
  const result = await events.next();
  return result.done === true ? undefined : {event: result.value, events};
}

function earliest(heads: readonly Head[]): number {
  let found = 0;
  for (let i = 1; i < heads.length; i++)
    if (compareTimes((heads[i] as Head).event.time, (heads[found] as Head).event.time) < 0) found = i;
  return found;
}

/**
 * Yields the events of all sources in order of time if each source is in order. Buffers one event of each open source.
 * Events of the same time keep the order of the sources.
 */
export async function* mergeByTime(
  sources: readonly TimedSource[],
): AsyncGenerator<TraceEvent, void, undefined> {
  const waiting = sources.toSorted((a, b) => compareTimes(a.startTime ?? '', b.startTime ?? ''));
  const heads: Head[] = [];
  try {
    for (;;) {
      const index = earliest(heads);
      const head = heads[index];
      const next = waiting[0];
      if (next !== undefined && (!head || compareTimes(next.startTime ?? '', head.event.time) <= 0)) {
        waiting.shift();
        const opened = await readHead(next.open()[Symbol.asyncIterator]());
        if (opened) heads.push(opened);
        continue;
      }
      if (!head) return;
      yield head.event;
      const following = await readHead(head.events);
      if (following) heads[index] = following;
      else heads.splice(index, 1);
    }
  } finally {
    for (const {events} of heads) await events.return?.();
  }
}
