import type {TracerOptions} from '../kernel/binding.js';
import {NO_OWNERS, NUMBER_LISTS, type OwnerNumbers, type Owners} from './owners.js';
import {compileGlobs} from './glob-automaton.js';

/** Most values of one list that the kernel compares with, and tests of ends that it makes (FILTER_MAX of bpf/owner_test.h). */
export const MAX_FILTER_VALUES = 64;

type KernelOwners = OwnerNumbers & Pick<TracerOptions, 'comms' | 'notComms'>;

function pick<T, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;
}

/** @returns what the kernel has room for, and what is for behind it */
export function divideOwners(owners: Owners): {readonly inKernel: KernelOwners; readonly behind: Owners} {
  const tooMany = NUMBER_LISTS.filter((list) => owners[list].length > MAX_FILTER_VALUES);
  const [comms, notComms] = [compileGlobs(owners.comms), compileGlobs(owners.notComms)];
  return {
    inKernel: {...pick(owners, NUMBER_LISTS), ...pick(NO_OWNERS, tooMany), comms, notComms},
    behind: {
      ...NO_OWNERS,
      ...pick(owners, tooMany),
      comms: comms ? [] : owners.comms,
      notComms: notComms ? [] : owners.notComms,
    },
  };
}
