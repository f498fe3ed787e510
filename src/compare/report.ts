/** What a comparison comes to, in numbers. */
import type {Source} from '../model/event.js';
import type {Ledger, Life} from './ledger.js';
import {matchLives, type Unit} from './match.js';
import {quantile} from './quantile.js';

/** What a way of tracing cost, and which it was. */
export interface Way {
  readonly name: string;
  readonly ledger: Ledger;
  /** Undefined where nobody measured. */
  readonly cost: Cost | undefined;
  /** Whether the times at which its events came to be known are more than the times of the events. */
  readonly isLive: boolean;
  /** Events that are known to be lost, where that is not in the ledger. */
  readonly lost?: number | undefined;
}

export interface Cost {
  readonly cpuMs: number;
  readonly peakRssBytes: number;
}

/** When all ways were tracing, in microseconds since the epoch. */
export interface Window {
  readonly startUs: number;
  readonly endUs: number;
}

export interface Delay {
  readonly medianUs: number;
  readonly p95Us: number;
  readonly maxUs: number;
}

export interface WayReport {
  readonly name: string;
  /** Of the connections that began and ended in the window. */
  readonly seen: number;
  readonly missed: number;
  /** Of those missed, how many lived shorter than the interval of the scans. */
  readonly missedShort: number;
  readonly pid: Agreement;
  readonly netns: Agreement;
  /** From the begin of a connection to when it was known; undefined where nothing was seen, or nobody knows. */
  readonly delay: Delay | undefined;
  readonly cost: Cost | undefined;
  /** Undefined where nobody counts: scans cannot. */
  readonly lost: number | undefined;
}

/** How often a way does not know what the one knows that knows best. */
export interface Agreement {
  readonly wrong: number;
  readonly missing: number;
}

export interface PairReport {
  readonly names: readonly [string, string];
  readonly both: number;
  /** Seen by the first of the two, and by the second, alone. */
  readonly only: readonly [number, number];
}

/** A connection that one way or more has missed. */
export interface Miss {
  readonly life: Life;
  readonly beganUs: number;
  readonly endedUs: number;
  readonly by: readonly string[];
}

export interface Report {
  readonly window: Window;
  /** Between scans; undefined in a comparison of recordings. */
  readonly intervalUs: number | undefined;
  /** Connections, each end counted for itself, that began and ended in the window. */
  readonly total: number;
  readonly apart: {readonly beganBefore: number; readonly endedAfter: number};
  readonly ways: readonly WayReport[];
  readonly pairs: readonly PairReport[];
  readonly misses: readonly Miss[];
}

/** A connection that lies in the window. */
interface Whole extends Unit {
  readonly beganUs: number;
  readonly endedUs: number;
}

function liesIn({startUs, endUs}: Window, unit: Unit): unit is Whole {
  const {beganUs = -Infinity, endedUs = Infinity} = unit;
  return beganUs >= startUs && endedUs <= endUs;
}

function agreement(units: readonly Whole[], way: number, get: (life: Life) => number | undefined): Agreement {
  let wrong = 0;
  let missing = 0;
  for (const {seen} of units) {
    const reference = seen.find((life) => life !== undefined && get(life) !== undefined);
    const own = seen[way];
    if (own === undefined || reference === undefined || reference === own) continue;
    if (get(own) === undefined) missing += 1;
    else if (get(own) !== get(reference)) wrong += 1;
  }
  return {wrong, missing};
}

function measureDelay(units: readonly Whole[], way: number): Delay | undefined {
  const delaysUs = units.flatMap(({seen, beganUs}) => {
    const detectedUs = seen[way]?.detectedUs;
    return detectedUs === undefined ? [] : [detectedUs - beganUs];
  });
  if (delaysUs.length === 0) return undefined;
  const at = (share: number): number => quantile(delaysUs, share);
  return {medianUs: at(0.5), p95Us: at(0.95), maxUs: at(1)};
}

function countLost({lost, ledger: {counts, sources}}: Way): number | undefined {
  const isCounted = counts.lost > 0 || !(sources.has('proc') || sources.has('conntrack'));
  return lost ?? (isCounted ? counts.lost : undefined);
}

/** @param index among the ways as they are matched */
function reportWay(way: Way, index: number, units: readonly Whole[], intervalUs = 0): WayReport {
  const missed = units.filter(({seen}) => seen[index] === undefined);
  return {
    name: way.name,
    seen: units.length - missed.length,
    missed: missed.length,
    missedShort: missed.filter(({beganUs, endedUs}) => endedUs - beganUs < intervalUs).length,
    pid: agreement(units, index, ({pid}) => pid),
    netns: agreement(units, index, ({netns}) => netns),
    delay: way.isLive || index > 0 ? measureDelay(units, index) : undefined,
    cost: way.cost,
    lost: countLost(way),
  };
}

/** A way, and its place among the ways as they are matched. */
interface Placed {
  readonly way: Way;
  readonly index: number;
}

function reportPair(a: Placed, b: Placed, units: readonly Whole[]): PairReport {
  const count = (isInA: boolean, isInB: boolean): number =>
    units.filter(
      ({seen: {[a.index]: inA, [b.index]: inB}}) =>
        (inA !== undefined) === isInA && (inB !== undefined) === isInB,
    ).length;
  return {
    names: [a.way.name, b.way.name],
    both: count(true, true),
    only: [count(true, false), count(false, true)],
  };
}

function listMisses(units: readonly Whole[], ways: readonly Way[]): Miss[] {
  return units.flatMap(({seen, beganUs, endedUs}) => {
    const life = seen.find((it) => it !== undefined);
    const by = ways.filter((_, index) => seen[index] === undefined).map(({name}) => name);
    return life === undefined || by.length === 0 ? [] : [{life, beganUs, endedUs, by}];
  });
}

/** Who knows best when something happened, and to whom: the kernel, who reads what it told, who looks now and then. */
function rank({ledger: {sources}}: Way): number {
  const later: readonly Source[] = ['conntrack', 'proc'];
  return later.findLastIndex((source) => sources.has(source));
}

export interface CompareOptions {
  /** Between scans. */
  readonly intervalUs?: number | undefined;
  /** Leaves out flows at whose ends no socket is known, where they may be of processes that nobody asked for. */
  readonly onlySockets?: boolean;
}

/** @param ways in the order in which they are to be reported */
export function compareWays(ways: readonly Way[], window: Window, options: CompareOptions = {}): Report {
  const {intervalUs, onlySockets = false} = options;
  const ranked = ways.toSorted((a, b) => rank(a) - rank(b));
  const placed = ways.map((way): Placed => ({way, index: ranked.indexOf(way)}));
  const all = matchLives(ranked.map(({ledger}) => ledger)).filter(
    ({seen}) => !onlySockets || seen.some((life) => life?.inode !== undefined),
  );
  const units = all.filter((unit): unit is Whole => liesIn(window, unit));
  const beganBefore = all.filter(({beganUs = -Infinity}) => beganUs < window.startUs).length;
  return {
    window,
    intervalUs,
    total: units.length,
    apart: {beganBefore, endedAfter: all.length - units.length - beganBefore},
    ways: placed.map(({way, index}) => reportWay(way, index, units, intervalUs)),
    pairs: placed.flatMap((a, at) => placed.slice(at + 1).map((b) => reportPair(a, b, units))),
    misses: listMisses(units, ranked).sort((a, b) => a.beganUs - b.beganUs),
  };
}
