import type {TraceEvent} from '../model/event.js';
import {createMatcher, type SocketFilter, withoutOwners} from '../filter/filter.js';
import type {FlowEvent} from '../model/flow.js';

/**
 * What `watch` decides, for events from elsewhere. conntrack cannot tell whose a flow is, so that is no condition for it,
 * and a flow is wanted if one of its ends is.
 */
export function createWantedCheck(filter: SocketFilter): (event: TraceEvent | FlowEvent) => boolean {
  const matches = createMatcher({...filter, events: []});
  const matchesEnd = createMatcher({...withoutOwners(filter), events: []});
  return (event) => {
    if (event.source !== 'conntrack') return matches(event);
    return matchesEnd(event) || ('far' in event && matchesEnd({...event, ...event.far}));
  };
}
