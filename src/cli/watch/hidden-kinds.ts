/** Events that are traced but not printed, for --stats and metrics. */
import type {EventKind, TraceEvent} from '../../model/event.js';
import type {Trace} from '../../trace.js';
import type {Counter} from '../io/printer.js';
import type {WatchOptions} from './options.js';

/** @param take receives the removed events */
async function* remove(
  events: Trace['events'],
  kinds: readonly EventKind[],
  take: (event: TraceEvent) => void,
): AsyncGenerator<readonly TraceEvent[], void, undefined> {
  for await (const batch of events) {
    for (const event of batch) if (kinds.includes(event.event)) take(event);
    yield batch.filter(({event}) => !kinds.includes(event));
  }
}

/** Returns the events to print. @param stats counts the updates among the others, if it has to */
export function hideKinds(
  {hiddenKinds, statsUpdates}: WatchOptions,
  events: Trace['events'],
  stats: Counter,
): Trace['events'] {
  if (hiddenKinds.length === 0) return events;
  return remove(events, hiddenKinds, (event) => {
    if (statsUpdates && event.event === 'update') stats.add(event);
  });
}
