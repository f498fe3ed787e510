import type {TraceEvent} from '../model/event.js';
import {matches, type SocketFilter} from '../model/filter.js';

/** What `watch` decides, for events from elsewhere. conntrack cannot tell whose a flow is, so that is no condition for it. */
export function isWanted(filter: SocketFilter, event: TraceEvent): boolean {
  const anyOwner = event.source === 'conntrack' ? {pids: [], ownerConditions: []} : {};
  return matches({...filter, ...anyOwner, events: []}, event);
}
