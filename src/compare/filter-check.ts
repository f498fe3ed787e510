import type {TraceEvent} from '../model/event.js';
import {createMatcher, type SocketFilter, withoutOwners} from '../filter/filter.js';
import type {FlowEvent} from '../model/flow.js';

/**
 * Creates a check that applies a filter of `watch` to events of any source. conntrack does not know processes, so owner
 * filters do not apply to it; a flow passes if either endpoint passes.
 */
export function createFilterCheck(filter: SocketFilter): (event: TraceEvent | FlowEvent) => boolean {
  const matches = createMatcher({...filter, events: []});
  const matchesEnd = createMatcher({...withoutOwners(filter), events: []});
  return (event) => {
    if (event.source !== 'conntrack') return matches(event);
    return matchesEnd(event) || ('far' in event && matchesEnd({...event, ...event.far}));
  };
}
