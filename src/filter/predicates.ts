/**
 * Predicates, one for each flag. A filter selects connections, not single events: an include flag passes an event if its
 * caller or its opener matches; an exclude flag looks at the opener only, or at the caller if the opener is unknown.
 */
import {memoize} from '../model/basics/memo.js';
import {compileGlob} from './glob.js';
import type {MatchSubject, Party, Predicate} from './match-subject.js';

/** True for processes that match. */
export type PartyTest = (party: Party) => boolean;

/** The process that connected or accepted, if it is known and not the caller. */
export function openerOf({opener, owner_pid, owner_comm, owner_uid}: MatchSubject): Party | undefined {
  if (opener !== undefined || owner_pid === undefined) return opener;
  return {pid: owner_pid, comm: owner_comm, uid: owner_uid};
}

export function include(test: PartyTest): Predicate {
  return (subject) => {
    if (test(subject)) return true;
    const opener = openerOf(subject);
    return opener !== undefined && test(opener);
  };
}

export function exclude(test: PartyTest): Predicate {
  return (subject) => !test(openerOf(subject) ?? subject);
}

export function hasPid(pids: readonly number[]): PartyTest {
  const known = new Set<number | undefined>(pids);
  return ({pid}) => known.has(pid);
}

export function hasUid(uids: readonly number[]): PartyTest {
  const known = new Set<number | undefined>(uids);
  return ({uid}) => known.has(uid);
}

function matchesSome(globs: readonly string[]): (name: string) => boolean {
  const compiled = globs.map(compileGlob);
  return memoize((name) => compiled.some((matches) => matches(name)));
}

/** Compares the names of the process and of the calling thread. */
export function hasComm(globs: readonly string[]): PartyTest {
  const matches = matchesSome(globs);
  return ({comm, thread}) =>
    (comm !== undefined && matches(comm)) || (thread !== undefined && matches(thread));
}

/** Matches a name of a pod or of its namespace. @param nameOf looks up that name */
export function hasName(globs: readonly string[], nameOf: (party: Party) => string | undefined): PartyTest {
  const matches = matchesSome(globs);
  return (party) => {
    const name = nameOf(party);
    return name !== undefined && matches(name);
  };
}

/** Matches these cgroups and their descendants. @param paths without a trailing slash */
export function hasCgroup(
  paths: readonly string[],
  cgroupOf: (party: Party) => string | undefined,
): PartyTest {
  return (party) => {
    const cgroup = cgroupOf(party);
    return cgroup !== undefined && paths.some((path) => cgroup === path || cgroup.startsWith(`${path}/`));
  };
}

/**
 * Matches containers by name or by the beginning of their id. An id that is also the name must match as a whole, as with
 * `ctr run` and LXC.
 *
 * @param texts globs of container names, or prefixes of container ids
 */
export function hasContainer(
  texts: readonly string[],
  describe: (party: Party) => Pick<Party, 'container' | 'container_name'>,
): PartyTest {
  const matches = matchesSome(texts);
  return (party) => {
    const {container, container_name} = describe(party);
    if (container === undefined) return false;
    const hasPrefix = (text: string): boolean => text !== '' && container.startsWith(text);
    return (
      (container !== container_name && texts.some(hasPrefix)) ||
      (container_name !== undefined && matches(container_name))
    );
  };
}
