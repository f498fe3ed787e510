import type {TraceEvent} from '../model/event.js';
import {matches, type SocketFilter, withoutOwners} from '../model/filter.js';

/** What `watch` decides, for events from elsewhere. conntrack cannot tell whose a flow is, so that is no condition for it. */
export function isWanted(filter: SocketFilter, event: TraceEvent): boolean {
  return matches({...(event.source === 'conntrack' ? withoutOwners(filter) : filter), events: []}, event);
}
