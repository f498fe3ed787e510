import type {MatchSubject, Predicate} from './match-subject.js';
import {compileEnds, type EndpointPredicate} from './endpoints.js';
import type {EventKind, TraceEvent} from '../model/event.js';
import {asksForOwners, compileOwners, NO_OWNERS, type Owners} from './owners.js';

/** Which connections are wanted: all of this must hold. Values in one list are alternatives; an empty list is no condition. */
export interface SocketFilter extends Owners {
  readonly families: readonly (4 | 6)[];
  /** What all must hold of the two ends. */
  readonly ends: readonly EndpointPredicate[];
  /** What is not decided in the kernel: about whose a connection is, and where. */
  readonly ownerPredicates: readonly Predicate[];
}

export const NO_FILTER: SocketFilter = {families: [], ends: [], ...NO_OWNERS, ownerPredicates: []};

/** The same filter for who cannot tell owners. */
export function withoutOwners(filter: SocketFilter): SocketFilter {
  return {...filter, ...NO_OWNERS, ownerPredicates: []};
}

export function isAboutOwners(filter: SocketFilter): boolean {
  return asksForOwners(filter) || filter.ownerPredicates.length > 0;
}

/** What of all that happens is wanted. */
export interface Filter extends SocketFilter {
  /** Kinds of events; `lost` is reported in any case. */
  readonly events: readonly EventKind[];
}

function allows<T>(wanted: readonly T[], value: T): boolean {
  return wanted.length === 0 || wanted.includes(value);
}

export function meets(conditions: readonly Predicate[], candidate: MatchSubject): boolean {
  return conditions.every((condition) => condition(candidate));
}

/** What bpf/filter.h and conditions decide together, for what is not from the kernel's probes. */
export function createSocketMatcher(filter: SocketFilter): Predicate {
  const conditions = [...compileOwners(filter), ...filter.ends.map(compileEnds), ...filter.ownerPredicates];
  return (candidate) => allows(filter.families, candidate.family) && meets(conditions, candidate);
}

/** The same for events. */
export function createMatcher(filter: Filter): (event: TraceEvent) => boolean {
  const matchesSocket = createSocketMatcher(filter);
  return (event) => event.event === 'lost' || (allows(filter.events, event.event) && matchesSocket(event));
}
