/** Which lives that several ways have seen are one and the same. */
import {flowKey, type Ledger, type Life} from './ledger.js';

/** One connection's socket, as each way has seen it; undefined for a way that has not. */
export interface Unit {
  readonly seen: readonly (Life | undefined)[];
  /** By the first way that knows. */
  readonly beganUs: number | undefined;
  readonly endedUs: number | undefined;
}

interface Draft {
  readonly seen: (Life | undefined)[];
}

function first<T>(lives: readonly (Life | undefined)[], get: (life: Life) => T | undefined): T | undefined {
  for (const life of lives) {
    const value = life === undefined ? undefined : get(life);
    if (value !== undefined) return value;
  }
  return undefined;
}

const beganUs = (lives: readonly (Life | undefined)[]): number | undefined =>
  first(lives, (it) => it.beganUs);
const endedUs = (lives: readonly (Life | undefined)[]): number | undefined =>
  first(lives, (it) => it.endedUs);

/**
 * Of lives with one key, the latest that had begun when this way saw it begin: a way that comes late, as a scan does, cannot
 * have seen one that was yet to come.
 */
function findSocket(drafts: readonly Draft[], way: number, life: Life): Draft | undefined {
  const seenUs = life.beganUs ?? life.endedUs ?? Infinity;
  return drafts.findLast((it) => it.seen[way] === undefined && (beganUs(it.seen) ?? 0) <= seenUs);
}

/** Flows tell neither inode nor which end is ours: each end's socket takes the flow that began nearest to it. */
function findFlow(flows: readonly Life[], seen: readonly (Life | undefined)[]): Life | undefined {
  const when = beganUs(seen) ?? endedUs(seen) ?? 0;
  const distance = (flow: Life): number => Math.abs((flow.beganUs ?? flow.endedUs ?? 0) - when);
  return flows.reduce<Life | undefined>(
    (best, flow) => (best === undefined || distance(flow) < distance(best) ? flow : best),
    undefined,
  );
}

function addSockets(drafts: Map<string, Draft[]>, {lives}: Ledger, way: number, ways: number): void {
  for (const [key, list] of lives) {
    let known = drafts.get(key);
    if (known === undefined) drafts.set(key, (known = []));
    for (const life of list) {
      let draft = findSocket(known, way, life);
      if (draft === undefined)
        known.push((draft = {seen: new Array<Life | undefined>(ways).fill(undefined)}));
      draft.seen[way] = life;
    }
  }
}

function addFlows(units: Draft[], {lives}: Ledger, way: number, ways: number): void {
  const used = new Set<Life>();
  for (const {seen} of units) {
    const life = seen.find((it) => it !== undefined);
    const flow = life === undefined ? undefined : findFlow(lives.get(flowKey(life)) ?? [], seen);
    if (flow === undefined) continue;
    seen[way] = flow;
    used.add(flow);
  }
  for (const flow of [...lives.values()].flat()) {
    if (used.has(flow)) continue;
    const seen = new Array<Life | undefined>(ways).fill(undefined);
    seen[way] = flow;
    units.push({seen});
  }
}

function knowsSockets({lives}: Ledger): boolean {
  for (const [life] of lives.values()) return life?.inode !== undefined;
  return true;
}

/** @param ledgers those that know times best come first */
export function matchLives(ledgers: readonly Ledger[]): Unit[] {
  const drafts = new Map<string, Draft[]>();
  for (const [way, ledger] of ledgers.entries())
    if (knowsSockets(ledger)) addSockets(drafts, ledger, way, ledgers.length);
  const units = [...drafts.values()].flat();
  for (const [way, ledger] of ledgers.entries())
    if (!knowsSockets(ledger)) addFlows(units, ledger, way, ledgers.length);
  return units.map(({seen}) => ({seen, beganUs: beganUs(seen), endedUs: endedUs(seen)}));
}
