import type {ConnectionEvent, EventKind, TraceEvent} from '../model/event.js';
import {type CgroupTest, compileCgroupTests} from './cgroup-tests.js';
import {compileEndpoints, type EndpointPredicate, hasZone} from './endpoints.js';
import type {MatchSubject, Predicate} from './match-subject.js';
import {createOpenerMemory} from './openers.js';
import {compileOwners, hasOwners, NO_OWNERS, type Owners} from './owners.js';

/** Selects connections that match all lists. The values of a list are alternatives; an empty list matches everything. */
export interface SocketFilter extends Owners {
  readonly families: readonly (4 | 6)[];
  /** Predicates about both endpoints. */
  readonly endpoints: readonly EndpointPredicate[];
  /** Predicates about processes that only user space can evaluate. */
  readonly ownerPredicates: readonly Predicate[];
  /** Tests by cgroup, which user space evaluates for the kernel. */
  readonly cgroupTests: readonly CgroupTest[];
}

export const NO_FILTER: SocketFilter = {
  families: [],
  endpoints: [],
  ...NO_OWNERS,
  ownerPredicates: [],
  cgroupTests: [],
};

/** Removes everything about processes and namespaces, for sources that do not know them. */
export function withoutOwners(filter: SocketFilter): SocketFilter {
  return {...filter, ...NO_OWNERS, ownerPredicates: [], cgroupTests: []};
}

export function isAboutOwners(filter: SocketFilter): boolean {
  return hasOwners(filter) || filter.ownerPredicates.length + filter.cgroupTests.length > 0;
}

/** True if the filter names interfaces, which only eBPF shows. */
export function isAboutZones({endpoints}: SocketFilter): boolean {
  return endpoints.some(hasZone);
}

export interface Filter extends SocketFilter {
  /** Kinds of events; `lost` passes always. */
  readonly events: readonly EventKind[];
}

function allows<T>(list: readonly T[], value: T): boolean {
  return list.length === 0 || list.includes(value);
}

export function meets(predicates: readonly Predicate[], subject: MatchSubject): boolean {
  return predicates.every((predicate) => predicate(subject));
}

/** Compiles the whole filter, for sources other than the kernel's probes. */
export function createSocketMatcher(filter: SocketFilter): Predicate {
  const predicates = [
    ...compileOwners(filter),
    ...filter.endpoints.map(compileEndpoints),
    ...filter.ownerPredicates,
    ...compileCgroupTests(filter.cgroupTests),
  ];
  return (subject) => allows(filter.families, subject.family) && meets(predicates, subject);
}

/**
 * Compiles the whole filter for a stream of events. It remembers the openers of connections to match their closes, so
 * call it with each event, in order.
 */
export function createMatcher(filter: Filter): (event: TraceEvent) => boolean {
  const matchesSocket = createSocketMatcher(filter);
  const complete = isAboutOwners(filter) ? createOpenerMemory() : (event: ConnectionEvent) => event;
  return (event) => {
    if (event.event === 'lost') return true;
    const subject = complete(event);
    return allows(filter.events, event.event) && matchesSocket(subject);
  };
}
