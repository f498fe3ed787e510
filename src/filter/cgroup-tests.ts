/**
 * Tests of a process by its cgroup alone, such as --container. User space evaluates them and passes the refused cgroups
 * to the kernel, which then drops their events (bpf/refused.h).
 */
import type {MatchSubject, Party, Predicate} from './match-subject.js';
import {exclude, include, openerOf, type PartyTest} from './predicates.js';

export interface CgroupTest {
  readonly kind: 'include' | 'exclude';
  /** Returns the same for all processes of a cgroup; the result may change after a second. */
  readonly matches: PartyTest;
  /** Returns false if the cgroup cannot be found; then `matches` also returns false. */
  readonly isKnown: PartyTest;
}

/** CGROUP_EXCLUDED of bpf/cgroup_slot.h; the bits above it are for include tests. */
const EXCLUDED = 1;
/** CGROUP_REFUSALS_BITS, without EXCLUDED. */
const MAX_INCLUDE_TESTS = 7;

/** Shortest time between two refusals of a cgroup. In the kernel, a refusal expires after a second. */
const REPEAT_MS = 500;
const MAX_REFUSED = 65_536;

function compileCgroupTest({kind, matches}: CgroupTest): Predicate {
  return kind === 'include' ? include(matches) : exclude(matches);
}

/** Returns the bits of the tests that refuse a party's cgroup. */
function createRefusals(tests: readonly CgroupTest[]): (party: Party) => number {
  const includes = tests.filter(({kind}) => kind === 'include').slice(0, MAX_INCLUDE_TESTS);
  const excludes = tests.filter(({kind}) => kind === 'exclude');
  return (party) => {
    let bits = excludes.some(({matches}) => matches(party)) ? EXCLUDED : 0;
    for (const [index, {matches, isKnown}] of includes.entries())
      if (isKnown(party) && !matches(party)) bits |= 1 << (index + 1);
    return bits;
  };
}

/**
 * Creates a function that passes the cgroup of a party to the kernel if a test refuses it.
 *
 * @param refuse NativeTracer.refuseCgroup()
 */
function createRefuser(
  tests: readonly CgroupTest[],
  refuse: (id: number, refusals: number) => void,
): (party: Party) => void {
  const refusalsOf = createRefusals(tests);
  const repeatAt = new Map<number, number>();
  return (party) => {
    const {cgroup_id: id} = party;
    if (id === undefined) return;
    const now = performance.now();
    if (now < (repeatAt.get(id) ?? 0)) return;
    const refusals = refusalsOf(party);
    if (refusals === 0) return;
    if (repeatAt.size >= MAX_REFUSED) repeatAt.clear();
    repeatAt.set(id, now + REPEAT_MS);
    refuse(id, refusals);
  };
}

/**
 * Compiles tests to predicates.
 *
 * @param refuse receives the cgroups of the subjects that do not pass: NativeTracer.refuseCgroup()
 */
export function compileCgroupTests(
  tests: readonly CgroupTest[],
  refuse?: (id: number, refusals: number) => void,
): readonly Predicate[] {
  const predicates = tests.map(compileCgroupTest);
  if (refuse === undefined || tests.length === 0) return predicates;
  const refuseParty = createRefuser(tests, refuse);
  const passes = (subject: MatchSubject): boolean => {
    if (predicates.every((predicate) => predicate(subject))) return true;
    refuseParty(subject);
    const opener = openerOf(subject);
    if (opener !== undefined) refuseParty(opener);
    return false;
  };
  return [passes];
}
