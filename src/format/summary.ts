import {EVENT_KINDS, type EventKind, type Source, type TraceEvent} from '../model/event.js';

/** What a whole trace came to. */
export interface Tally {
  /** Events shown, by kind; `lost` here is how many events were lost. */
  readonly counts: Readonly<Record<EventKind, number>>;
  add(event: TraceEvent): void;
}

export function createTally(): Tally {
  const counts = {connect: 0, accept: 0, close: 0, fail: 0, open: 0, lost: 0} satisfies Record<
    EventKind,
    number
  >;
  return {
    counts,
    add(event) {
      counts[event.event] += event.event === 'lost' ? event.count : 1;
    },
  };
}

/**
 * `4 events (2 connect, 2 close), 0 lost, by fentry in 1.5 s`
 *
 * @param seconds from ready to the end
 */
export function formatSummary({counts}: Tally, source: Source, seconds: number): string {
  // what scans of /proc miss is not counted
  const losses = source === 'proc' ? [] : [`${String(counts.lost)} lost`];
  const kinds = EVENT_KINDS.filter((kind) => kind !== 'lost');
  const total = kinds.reduce((sum, kind) => sum + counts[kind], 0);
  const shown = kinds.filter((kind) => counts[kind] > 0).map((kind) => `${String(counts[kind])} ${kind}`);
  return [
    `${String(total)} ${total === 1 ? 'event' : 'events'}${shown.length === 0 ? '' : ` (${shown.join(', ')})`}`,
    ...losses,
    `by ${source} in ${seconds.toFixed(1)} s`,
  ].join(', ');
}
