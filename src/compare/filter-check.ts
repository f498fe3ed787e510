import type {TraceEvent} from '../model/event.js';
import {createMatcher, type SocketFilter, withoutOwners} from '../filter/filter.js';
import type {FlowEvent} from '../model/flow.js';

/**
 * Creates a check that applies a filter of `watch` to events of any source. conntrack does not know processes, so owner
 * filters do not apply to it; a flow passes if either endpoint passes.
 */
export function createFilterCheck(filter: SocketFilter): (event: TraceEvent | FlowEvent) => boolean {
  const matches = createMatcher({...filter, events: []});
  const matchesEndpoints = createMatcher({...withoutOwners(filter), events: []});
  return (event) => {
    if (event.source !== 'conntrack') return matches(event);
    return matchesEndpoints(event) || ('far' in event && matchesEndpoints({...event, ...event.far}));
  };
}
