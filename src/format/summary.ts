import type {MovedBytes} from '../aggregate/stats.js';
import {EVENT_KINDS, type EventKind, type Source, type TraceEvent} from '../model/event.js';
import {canEmit} from '../model/schema/kinds.js';

/** Counts of the events of a trace. */
export interface Tally {
  /** Events that were printed, by kind; for `lost`, the sum of their counts. */
  readonly counts: Readonly<Record<EventKind, number>>;
  add(event: TraceEvent): void;
}

export function createTally(): Tally {
  const counts = {connect: 0, accept: 0, close: 0, fail: 0, open: 0, update: 0, lost: 0} satisfies Record<
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
 * Formats a summary: `4 events (2 connect, 2 close), 12 bytes sent, 5 received, 0 lost, by fentry in 1.5 s`
 *
 * @param seconds since every probe was attached
 */
export function formatSummary(
  {counts}: Tally,
  source: Source,
  seconds: number,
  {txBytes, rxBytes}: Partial<MovedBytes> = {},
): string {
  const losses = canEmit(source, 'lost') ? [`${String(counts.lost)} lost`] : [];
  const kinds = EVENT_KINDS.filter((kind) => kind !== 'lost');
  const total = kinds.reduce((sum, kind) => sum + counts[kind], 0);
  const shown = kinds.filter((kind) => counts[kind] > 0).map((kind) => `${String(counts[kind])} ${kind}`);
  return [
    `${String(total)} ${total === 1 ? 'event' : 'events'}${shown.length === 0 ? '' : ` (${shown.join(', ')})`}`,
    ...(txBytes === undefined ? [] : [`${String(txBytes)} bytes sent`]),
    ...(rxBytes === undefined ? [] : [`${String(rxBytes)} received`]),
    ...losses,
    `by ${source} in ${seconds.toFixed(1)} s`,
  ].join(', ');
}
