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

type Seen = Draft['seen'];

/** What the times of one moment may differ by: scans tell milliseconds, and no two clocks agree. */
const SLACK_US = 2000;

/** How far behind conntrack may read what the kernel told it. */
const FLOW_SLACK_US = 1_000_000;

function first<T>(lives: Seen, get: (life: Life) => T | undefined): T | undefined {
  for (const life of lives) {
    const value = life === undefined ? undefined : get(life);
    if (value !== undefined) return value;
  }
  return undefined;
}

const beganUs = (seen: Seen): number | undefined => first(seen, (it) => it.beganUs);
const endedUs = (seen: Seen): number | undefined => first(seen, (it) => it.endedUs);

/** Whether there was a moment, or nearly one, at which both were there. */
function overlap(seen: Seen, life: Life, slackUs: number): boolean {
  const isOver = (endUs = Infinity, beginUs = -Infinity): boolean => endUs + slackUs < beginUs;
  return !isOver(endedUs(seen), life.beganUs) && !isOver(life.endedUs, beganUs(seen));
}

/**
 * Of lives with one key, the latest that had begun when this way saw it begin: a way that comes late, as a scan does, cannot
 * have seen one that was yet to come. Where all known ones came later still, as between two ways of scanning, the
 * first that was there at the same time.
 */
function findSocket(drafts: readonly Draft[], way: number, life: Life): Draft | undefined {
  const seenUs = (life.beganUs ?? life.endedUs ?? Infinity) + SLACK_US;
  const free = drafts.filter((it) => it.seen[way] === undefined);
  return (
    free.findLast((it) => (beganUs(it.seen) ?? 0) <= seenUs) ??
    free.find((it) => overlap(it.seen, life, SLACK_US))
  );
}

function addSockets(drafts: Map<string, Draft[]>, {lives}: Ledger, way: number, ways: number): void {
  for (const [key, list] of lives) {
    const sockets = list.filter(({inode}) => inode !== undefined);
    if (sockets.length === 0) continue;
    let known = drafts.get(key);
    if (known === undefined) drafts.set(key, (known = []));
    for (const life of sockets) {
      let draft = findSocket(known, way, life);
      if (draft === undefined)
        known.push((draft = {seen: new Array<Life | undefined>(ways).fill(undefined)}));
      draft.seen[way] = life;
    }
  }
}

/** A flow, and the sockets at its ends that have been found. */
interface Flow {
  readonly life: Life;
  readonly ends: Set<'near' | 'far'>;
}

function isSameEnds(a: Life, b: Life): boolean {
  return a.laddr === b.laddr && a.lport === b.lport && a.raddr === b.raddr && a.rport === b.rport;
}

/** By what the sockets at its ends may be found by: NAT makes of one flow two. */
function indexFlows(flows: readonly Flow[]): Map<string, Flow[]> {
  const index = new Map<string, Flow[]>();
  for (const flow of flows) {
    const {life} = flow;
    for (const key of new Set([flowKey(life), flowKey(life.far ?? life)])) {
      const known = index.get(key);
      if (known === undefined) index.set(key, [flow]);
      else known.push(flow);
    }
  }
  return index;
}

/**
 * A flow has two ends, and tells neither inode nor namespace: each end's socket takes, of those that were there at the
 * same time, the one that began nearest to it.
 */
function takeFlow(flows: readonly Flow[], seen: Seen, socket: Life): Life | undefined {
  const when = beganUs(seen) ?? endedUs(seen) ?? 0;
  const distance = ({life}: Flow): number => Math.abs((life.beganUs ?? life.endedUs ?? 0) - when);
  const endOf = ({life}: Flow) => (isSameEnds(life, socket) ? 'near' : 'far');
  const [nearest] = flows
    .filter((flow) => !flow.ends.has(endOf(flow)) && overlap(seen, flow.life, FLOW_SLACK_US))
    .sort((a, b) => distance(a) - distance(b));
  nearest?.ends.add(endOf(nearest));
  return nearest?.life;
}

function addFlows(units: Draft[], {lives}: Ledger, way: number, ways: number): void {
  const flows = [...lives.values()]
    .flat()
    .filter(({inode}) => inode === undefined)
    .map((life): Flow => ({life, ends: new Set()}));
  if (flows.length === 0) return;
  const index = indexFlows(flows);
  for (const {seen} of units) {
    const socket = seen.find((life) => life !== undefined);
    if (socket === undefined || seen[way] !== undefined) continue;
    seen[way] = takeFlow(index.get(flowKey(socket)) ?? [], seen, socket);
  }
  for (const {life, ends} of flows) {
    if (ends.size > 0) continue;
    const seen = new Array<Life | undefined>(ways).fill(undefined);
    seen[way] = life;
    units.push({seen});
  }
}

/** @param ledgers those that know times best come first */
export function matchLives(ledgers: readonly Ledger[]): Unit[] {
  const drafts = new Map<string, Draft[]>();
  for (const [way, ledger] of ledgers.entries()) addSockets(drafts, ledger, way, ledgers.length);
  const units = [...drafts.values()].flat();
  for (const [way, ledger] of ledgers.entries()) addFlows(units, ledger, way, ledgers.length);
  return units.map(({seen}) => ({seen, beganUs: beganUs(seen), endedUs: endedUs(seen)}));
}
