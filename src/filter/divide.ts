/** Divides a filter: one part fits into struct filter_config of the kernel, user space evaluates the rest. */
import {ENDPOINT_PREDICATES_MAX, FILTER_MAX} from '../kernel/layout.js';
import {pick} from '../model/basics/pick.js';
import {compileCgroupTests} from './cgroup-tests.js';
import {compileEndpoints, type EndpointPredicate, hasZone} from './endpoints.js';
import type {SocketFilter} from './filter.js';
import {compileGlobs} from './glob-automaton.js';
import type {Predicate} from './match-subject.js';
import {compileOwners, NO_OWNERS, NUMBER_LISTS, type OwnerNumbers, type Owners} from './owners.js';

interface KernelOwners extends OwnerNumbers {
  readonly comms: BigUint64Array;
  readonly excludeComms: BigUint64Array;
}

const NO_GLOBS = compileGlobs([]) as BigUint64Array;

/** Divides by list: the kernel has limits for each. */
export function divideOwners(owners: Owners): {
  readonly inKernel: KernelOwners;
  readonly inUserSpace: Owners;
} {
  const tooLong = NUMBER_LISTS.filter((list) => owners[list].length > FILTER_MAX);
  const [comms, excludeComms] = [compileGlobs(owners.comms), compileGlobs(owners.excludeComms)];
  return {
    inKernel: {
      ...pick(owners, NUMBER_LISTS),
      ...pick(NO_OWNERS, tooLong),
      comms: comms ?? NO_GLOBS,
      excludeComms: excludeComms ?? NO_GLOBS,
    },
    inUserSpace: {
      ...NO_OWNERS,
      ...pick(owners, tooLong),
      comms: comms ? [] : owners.comms,
      excludeComms: excludeComms ? [] : owners.excludeComms,
    },
  };
}

/** Divides by predicate: the kernel evaluates the first ones, as many as fit. */
export function divideEndpoints(predicates: readonly EndpointPredicate[]): {
  readonly inKernel: readonly EndpointPredicate[];
  readonly inUserSpace: readonly EndpointPredicate[];
} {
  const inKernel: EndpointPredicate[] = [];
  const inUserSpace: EndpointPredicate[] = [];
  let free = FILTER_MAX;
  for (const predicate of predicates) {
    const {kind, tests} = predicate;
    // the kernel compares no zones: it includes too much, which user space drops, but would exclude too much
    const isZoned = hasZone(predicate);
    const isExact = !isZoned || kind === 'include';
    const fits = isExact && tests.length <= free && inKernel.length < ENDPOINT_PREDICATES_MAX;
    if (fits) {
      free -= tests.length;
      inKernel.push(predicate);
    }
    if (!fits || isZoned) inUserSpace.push(predicate);
  }
  return {inKernel, inUserSpace};
}

/**
 * Compiles the part that the kernel does not evaluate.
 *
 * @param refuse NativeTracer.refuseCgroup(); with it, the kernel drops further events of cgroups that do not pass
 */
export function toPredicates(
  filter: SocketFilter,
  refuse?: (id: number, refusals: number) => void,
): readonly Predicate[] {
  return [
    ...compileOwners(divideOwners(filter).inUserSpace),
    ...divideEndpoints(filter.endpoints).inUserSpace.map(compileEndpoints),
    ...filter.ownerPredicates,
    // last, so that they run only for events that pass all other predicates
    ...compileCgroupTests(filter.cgroupTests, refuse),
  ];
}
