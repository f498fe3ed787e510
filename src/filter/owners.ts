/** What is asked of whose a connection is: as data, so that the kernel can decide it. */
import type {Predicate} from './match-subject.js';
import {type Get, hasName, hasNumber, not} from './predicates.js';

/** One value of each list must hold, and none of those that begin with `not`; an empty list is no condition. */
export interface OwnerNumbers {
  readonly pids: readonly number[];
  readonly notPids: readonly number[];
  readonly uids: readonly number[];
  readonly notUids: readonly number[];
  /** Inodes. */
  readonly netns: readonly number[];
  readonly notNetns: readonly number[];
}

/** The same, with names of threads. */
export interface Owners extends OwnerNumbers {
  /** Globs: `*` is any text, `?` any character. */
  readonly comms: readonly string[];
  readonly notComms: readonly string[];
}

export const NUMBER_LISTS = [
  'pids',
  'notPids',
  'uids',
  'notUids',
  'netns',
  'notNetns',
] as const satisfies readonly (keyof OwnerNumbers)[];

export const NO_OWNERS: Owners = {
  pids: [],
  notPids: [],
  uids: [],
  notUids: [],
  netns: [],
  notNetns: [],
  comms: [],
  notComms: [],
};

const pidsOf: Get<number> = ({pid, owner_pid}) => [pid, owner_pid];
const netnsOf: Get<number> = ({netns}) => [netns];
const commsOf: Get<string> = ({comm, owner_comm}) => [comm, owner_comm];

export function hasUid(uids: readonly number[]): Predicate {
  return hasNumber(uids, ({uid}) => [uid]);
}

function ifAny<T>(values: readonly T[], compile: (values: readonly T[]) => Predicate): readonly Predicate[] {
  return values.length === 0 ? [] : [compile(values)];
}

/** What bpf/filter.h decides, for where that is not at hand. */
export function compileOwners(owners: Owners): readonly Predicate[] {
  return [
    ...ifAny(owners.pids, (pids) => hasNumber(pids, pidsOf)),
    ...ifAny(owners.notPids, (pids) => not(hasNumber(pids, pidsOf))),
    ...ifAny(owners.uids, hasUid),
    ...ifAny(owners.notUids, (uids) => not(hasUid(uids))),
    ...ifAny(owners.netns, (inodes) => hasNumber(inodes, netnsOf)),
    ...ifAny(owners.notNetns, (inodes) => not(hasNumber(inodes, netnsOf))),
    ...ifAny(owners.comms, (globs) => hasName(globs, commsOf)),
    ...ifAny(owners.notComms, (globs) => not(hasName(globs, commsOf))),
  ];
}

export function asksForOwners(owners: Owners): boolean {
  return compileOwners(owners).length > 0;
}
