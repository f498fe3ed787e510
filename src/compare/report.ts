/** Computes the numbers of a comparison. */
import type {Source} from '../model/event.js';
import {canEmit} from '../model/schema/kinds.js';
import type {Ledger, Life} from './ledger.js';
import {matchLives, type Unit} from './match.js';
import {quantile} from './quantile.js';

/** A source to compare: its events, and its cost. */
export interface ComparedSource {
  readonly name: string;
  readonly ledger: Ledger;
  /** Undefined for recordings. */
  readonly cost: Cost | undefined;
  /** True if the ledger has the times at which events were reported, not only those of the events. */
  readonly isLive: boolean;
  /** Lost events that the ledger does not count. */
  readonly lost?: number | undefined;
}

export interface Cost {
  readonly cpuMs: number;
  readonly peakRssBytes: number;
}

/** The time in which all sources were tracing, in microseconds since the epoch. */
export interface Window {
  readonly startUs: number;
  readonly endUs: number;
}

export interface Delay {
  readonly medianUs: number;
  readonly p95Us: number;
  readonly maxUs: number;
}

export interface SourceReport {
  readonly name: string;
  /** Connections of the window that it reported. */
  readonly seen: number;
  readonly missed: number;
  /** Missed connections that lived shorter than the interval of scans. */
  readonly missedShort: number;
  readonly pid: Agreement;
  readonly netns: Agreement;
  /** Time from the begin of a connection to its report; undefined if unknown. */
  readonly delay: Delay | undefined;
  readonly cost: Cost | undefined;
  /** Lost events; undefined if the source cannot count them, as scans cannot. */
  readonly lost: number | undefined;
}

/** How often a value differs from that of the best source that has it, and how often it is absent. */
export interface Agreement {
  readonly wrong: number;
  readonly missing: number;
}

export interface PairReport {
  readonly names: readonly [string, string];
  readonly both: number;
  /** Number of connections that only the first reported, and that only the second reported. */
  readonly only: readonly [number, number];
}

/** A connection that at least one source missed. */
export interface Miss {
  readonly life: Life;
  readonly beganUs: number;
  readonly endedUs: number;
  readonly by: readonly string[];
}

export interface Report {
  readonly window: Window;
  /** Interval of scans; undefined for recordings. */
  readonly intervalUs: number | undefined;
  /** Connections that began and ended in the window, counted at each endpoint. */
  readonly total: number;
  readonly apart: {readonly beganBefore: number; readonly endedAfter: number};
  readonly sources: readonly SourceReport[];
  readonly pairs: readonly PairReport[];
  readonly misses: readonly Miss[];
}

/** A connection that began and ended in the window. */
interface Whole extends Unit {
  readonly beganUs: number;
  readonly endedUs: number;
}

function liesIn({startUs, endUs}: Window, unit: Unit): unit is Whole {
  const {beganUs = -Infinity, endedUs = Infinity} = unit;
  return beganUs >= startUs && endedUs <= endUs;
}

function agreement(
  units: readonly Whole[],
  source: number,
  get: (life: Life) => number | undefined,
): Agreement {
  let wrong = 0;
  let missing = 0;
  for (const {seen} of units) {
    const reference = seen.find((life) => life !== undefined && get(life) !== undefined);
    const own = seen[source];
    if (own === undefined || reference === undefined || reference === own) continue;
    if (get(own) === undefined) missing += 1;
    else if (get(own) !== get(reference)) wrong += 1;
  }
  return {wrong, missing};
}

function measureDelay(units: readonly Whole[], source: number): Delay | undefined {
  const delaysUs = units.flatMap(({seen, beganUs}) => {
    const detectedUs = seen[source]?.detectedUs;
    return detectedUs === undefined ? [] : [detectedUs - beganUs];
  });
  if (delaysUs.length === 0) return undefined;
  const at = (share: number): number => quantile(delaysUs, share);
  return {medianUs: at(0.5), p95Us: at(0.95), maxUs: at(1)};
}

function countLost({lost, ledger: {counts, sources}}: ComparedSource): number | undefined {
  const isCounted = counts.lost > 0 || [...sources].every((source) => canEmit(source, 'lost'));
  return lost ?? (isCounted ? counts.lost : undefined);
}

/** @param index among the ranked sources */
function reportSource(
  source: ComparedSource,
  index: number,
  units: readonly Whole[],
  intervalUs = 0,
): SourceReport {
  const missed = units.filter(({seen}) => seen[index] === undefined);
  return {
    name: source.name,
    seen: units.length - missed.length,
    missed: missed.length,
    missedShort: missed.filter(({beganUs, endedUs}) => endedUs - beganUs < intervalUs).length,
    pid: agreement(units, index, ({pid}) => pid),
    netns: agreement(units, index, ({netns}) => netns),
    delay: source.isLive || index > 0 ? measureDelay(units, index) : undefined,
    cost: source.cost,
    lost: countLost(source),
  };
}

/** A source, and its index among the ranked sources. */
interface Placed {
  readonly source: ComparedSource;
  readonly index: number;
}

function reportPair(a: Placed, b: Placed, units: readonly Whole[]): PairReport {
  const count = (isInA: boolean, isInB: boolean): number =>
    units.filter(
      ({seen: {[a.index]: inA, [b.index]: inB}}) =>
        (inA !== undefined) === isInA && (inB !== undefined) === isInB,
    ).length;
  return {
    names: [a.source.name, b.source.name],
    both: count(true, true),
    only: [count(true, false), count(false, true)],
  };
}

function listMisses(units: readonly Whole[], sources: readonly ComparedSource[]): Miss[] {
  return units.flatMap(({seen, beganUs, endedUs}) => {
    const life = seen.find((it) => it !== undefined);
    const by = sources.filter((_, index) => seen[index] === undefined).map(({name}) => name);
    return life === undefined || by.length === 0 ? [] : [{life, beganUs, endedUs, by}];
  });
}

/** Ranks by precision of times and processes: eBPF, then conntrack, then scans of /proc. */
function rank({ledger: {sources}}: ComparedSource): number {
  const later: readonly Source[] = ['conntrack', 'proc'];
  return later.findLastIndex((source) => sources.has(source));
}

export interface CompareOptions {
  /** Interval of scans. */
  readonly intervalUs?: number | undefined;
  /** Drops flows without a known socket: they may belong to processes that the filter excludes. */
  readonly onlySockets?: boolean;
}

/** Compares sources. @param sources in the order of the report */
export function compareSources(
  sources: readonly ComparedSource[],
  window: Window,
  options: CompareOptions = {},
): Report {
  const {intervalUs, onlySockets = false} = options;
  const ranked = sources.toSorted((a, b) => rank(a) - rank(b));
  const placed = sources.map((source): Placed => ({source, index: ranked.indexOf(source)}));
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
    sources: placed.map(({source, index}) => reportSource(source, index, units, intervalUs)),
    pairs: placed.flatMap((a, at) => placed.slice(at + 1).map((b) => reportPair(a, b, units))),
    misses: listMisses(units, ranked).sort((a, b) => a.beganUs - b.beganUs),
  };
}
