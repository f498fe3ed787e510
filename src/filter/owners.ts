/** Filters by process and network namespace, as data that the kernel can evaluate. */
import type {Predicate} from './match-subject.js';
import {exclude, hasComm, hasPid, hasUid, include} from './predicates.js';

/** Lists of alternatives; an empty list filters nothing. */
export interface OwnerNumbers {
  readonly pids: readonly number[];
  readonly excludePids: readonly number[];
  /** Real user ids. */
  readonly uids: readonly number[];
  readonly excludeUids: readonly number[];
  /** Inodes of network namespaces. */
  readonly netns: readonly number[];
  readonly excludeNetns: readonly number[];
}

export interface Owners extends OwnerNumbers {
  /** Globs of process or thread names: `*` matches any text, `?` any one character. */
  readonly comms: readonly string[];
  readonly excludeComms: readonly string[];
}

export const NUMBER_LISTS = [
  'pids',
  'excludePids',
  'uids',
  'excludeUids',
  'netns',
  'excludeNetns',
] as const satisfies readonly (keyof OwnerNumbers)[];

export const NO_OWNERS: Owners = {
  pids: [],
  excludePids: [],
  uids: [],
  excludeUids: [],
  netns: [],
  excludeNetns: [],
  comms: [],
  excludeComms: [],
};

function isInNetns(inodes: readonly number[], expected: boolean): Predicate {
  const known = new Set<number | undefined>(inodes);
  return ({netns}) => known.has(netns) === expected;
}

function ifAny<T>(values: readonly T[], compile: (values: readonly T[]) => Predicate): readonly Predicate[] {
  return values.length === 0 ? [] : [compile(values)];
}

/** Compiles the lists to predicates with the results of bpf/filter.h. */
export function compileOwners(owners: Owners): readonly Predicate[] {
  return [
    ...ifAny(owners.pids, (pids) => include(hasPid(pids))),
    ...ifAny(owners.excludePids, (pids) => exclude(hasPid(pids))),
    ...ifAny(owners.uids, (uids) => include(hasUid(uids))),
    ...ifAny(owners.excludeUids, (uids) => exclude(hasUid(uids))),
    ...ifAny(owners.netns, (inodes) => isInNetns(inodes, true)),
    ...ifAny(owners.excludeNetns, (inodes) => isInNetns(inodes, false)),
    ...ifAny(owners.comms, (globs) => include(hasComm(globs))),
    ...ifAny(owners.excludeComms, (globs) => exclude(hasComm(globs))),
  ];
}

export function hasOwners(owners: Owners): boolean {
  return compileOwners(owners).length > 0;
}
