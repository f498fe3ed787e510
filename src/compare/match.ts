/** Matches the lives that several sources report of the same connections. */
import {flowKey, type Ledger, type Life} from './ledger.js';

/** A connection at one socket. */
export interface Unit {
  /** The life that each source reported; undefined for a source that missed it. */
  readonly seen: readonly (Life | undefined)[];
  /** From the first source that knows it. */
  readonly beganUs: number | undefined;
  readonly endedUs: number | undefined;
}

interface Draft {
  readonly seen: (Life | undefined)[];
}

type Seen = Draft['seen'];

/** Tolerance between times of the same event: scans have milliseconds, and clocks differ. */
const SLACK_US = 2000;

/** Tolerance for times of conntrack, which may read the kernel's messages late. */
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

/** Returns true if both lives overlap, within a tolerance. */
function overlap(seen: Seen, life: Life, slackUs: number): boolean {
  const isOver = (endUs = Infinity, beginUs = -Infinity): boolean => endUs + slackUs < beginUs;
  return !isOver(endedUs(seen), life.beganUs) && !isOver(life.endedUs, beganUs(seen));
}

/**
 * Finds the draft of a life among those with its key: the latest that began before this source reported it, since a late
 * source, such as a scan, cannot report a connection of the future. If all began later, as between two scanning sources,
 * the first that overlaps.
 */
function findSocket(drafts: readonly Draft[], source: number, life: Life): Draft | undefined {
  const seenUs = (life.beganUs ?? life.endedUs ?? Infinity) + SLACK_US;
  const free = drafts.filter((it) => it.seen[source] === undefined);
  return (
    free.findLast((it) => (beganUs(it.seen) ?? 0) <= seenUs) ??
    free.find((it) => overlap(it.seen, life, SLACK_US))
  );
}

function addSockets(drafts: Map<string, Draft[]>, {lives}: Ledger, source: number, sources: number): void {
  for (const [key, list] of lives) {
    const sockets = list.filter(({inode}) => inode !== undefined);
    if (sockets.length === 0) continue;
    let known = drafts.get(key);
    if (known === undefined) drafts.set(key, (known = []));
    for (const life of sockets) {
      let draft = findSocket(known, source, life);
      if (draft === undefined)
        known.push((draft = {seen: new Array<Life | undefined>(sources).fill(undefined)}));
      draft.seen[source] = life;
    }
  }
}

/** A flow, and its endpoints that were matched to sockets. */
interface Flow {
  readonly life: Life;
  readonly matched: Set<'near' | 'far'>;
}

function hasSameEndpoints(a: Life, b: Life): boolean {
  return a.laddr === b.laddr && a.lport === b.lport && a.raddr === b.raddr && a.rport === b.rport;
}

/** Indexes flows by the keys of both their sockets, which differ if NAT changed an address. */
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
 * Matches a socket to a flow. A flow has two endpoints, but no inode number or namespace, so each socket takes the
 * overlapping flow that began nearest to it.
 */
function takeFlow(flows: readonly Flow[], seen: Seen, socket: Life): Life | undefined {
  const when = beganUs(seen) ?? endedUs(seen) ?? 0;
  const distance = ({life}: Flow): number => Math.abs((life.beganUs ?? life.endedUs ?? 0) - when);
  const sideOf = ({life}: Flow) => (hasSameEndpoints(life, socket) ? 'near' : 'far');
  const [nearest] = flows
    .filter((flow) => !flow.matched.has(sideOf(flow)) && overlap(seen, flow.life, FLOW_SLACK_US))
    .sort((a, b) => distance(a) - distance(b));
  nearest?.matched.add(sideOf(nearest));
  return nearest?.life;
}

function addFlows(units: Draft[], {lives}: Ledger, source: number, sources: number): void {
  const flows = [...lives.values()]
    .flat()
    .filter(({inode}) => inode === undefined)
    .map((life): Flow => ({life, matched: new Set()}));
  if (flows.length === 0) return;
  const index = indexFlows(flows);
  for (const {seen} of units) {
    const socket = seen.find((life) => life !== undefined);
    if (socket === undefined || seen[source] !== undefined) continue;
    seen[source] = takeFlow(index.get(flowKey(socket)) ?? [], seen, socket);
  }
  for (const {life, matched} of flows) {
    if (matched.size > 0) continue;
    const seen = new Array<Life | undefined>(sources).fill(undefined);
    seen[source] = life;
    units.push({seen});
  }
}

/** Matches the lives of all sources. @param ledgers in order of precision, the best times first */
export function matchLives(ledgers: readonly Ledger[]): Unit[] {
  const drafts = new Map<string, Draft[]>();
  for (const [source, ledger] of ledgers.entries()) addSockets(drafts, ledger, source, ledgers.length);
  const units = [...drafts.values()].flat();
  for (const [source, ledger] of ledgers.entries()) addFlows(units, ledger, source, ledgers.length);
  return units.map(({seen}) => ({seen, beganUs: beganUs(seen), endedUs: endedUs(seen)}));
}
