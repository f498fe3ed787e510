import type {TraceEvent} from '../model/event.js';
import {createMatcher, type SocketFilter, withoutOwners} from '../model/filter.js';

/** What `watch` decides, for events from elsewhere. conntrack cannot tell whose a flow is, so that is no condition for it. */
export function createWantedCheck(filter: SocketFilter): (event: TraceEvent) => boolean {
  const matches = createMatcher({...filter, events: []});
  const matchesFlow = createMatcher({...withoutOwners(filter), events: []});
  return (event) => (event.source === 'conntrack' ? matchesFlow : matches)(event);
}
