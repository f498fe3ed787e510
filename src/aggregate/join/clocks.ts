/** Differences between the clocks of hosts, estimated from connections that both hosts saw. */
import {establishedUs, type Side} from './side.js';

/** Number of the latest samples of which the median counts. */
const SAMPLES = 63;

interface Clock {
  readonly host: string;
  /** Hosts whose clocks were compared with this one, directly or not. */
  group: Clock[];
  /** Microseconds that it is ahead of the first clock of the group. */
  offsetUs: number;
  readonly samples: number[];
  /** Number of samples so far. */
  count: number;
}

/** A clock, compared with that of another host. */
export interface ClockDifference {
  readonly host: string;
  readonly reference: string;
  /** Positive if the clock of `host` is ahead. */
  readonly offsetUs: number;
  /** Connections that it was estimated from. */
  readonly connections: number;
}

export interface Clocks {
  /** Converts a time of a host to the clock that hosts have in common, as far as it is known. */
  readonly toCommon: (host: string, timeUs: number) => number;
  /** Compares the clocks of the hosts of a connection. */
  readonly compare: (a: Side, b: Side) => void;
  readonly differences: () => readonly ClockDifference[];
  /** Returns groups of hosts that have no connection in common, the first host of each. */
  readonly separate: () => readonly string[];
}

/** Returns how far the acceptor's clock is ahead: it reaches ESTABLISHED half a round-trip time after the opener. */
function sampleOf(opener: Side, acceptor: Side): number | undefined {
  const [first, second] = [establishedUs(opener), establishedUs(acceptor)];
  if (first === undefined || second === undefined || opener.first.event !== 'connect') return undefined;
  return second - first - (opener.first.latency_us ?? 0) / 2;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Moves the group of `from` into that of `into`. @param shiftUs correction of all its clocks */
function mergeGroups(into: Clock, from: Clock, shiftUs: number): void {
  for (const clock of from.group) clock.offsetUs += shiftUs;
  const all = [...into.group, ...from.group];
  for (const clock of all) clock.group = all;
}

function addSample(clock: Clock, offsetUs: number): void {
  clock.samples[clock.count % SAMPLES] = offsetUs;
  clock.count += 1;
  // more samples change the median less
  if (clock.count < SAMPLES || clock.count % SAMPLES === 0) clock.offsetUs = medianOf(clock.samples);
}

/** Adds that `b` is ahead of `a` by so much. */
function relate(a: Clock, b: Clock, aheadUs: number): void {
  const errorUs = aheadUs - (b.offsetUs - a.offsetUs);
  if (a.group !== b.group) {
    if (a.group.length >= b.group.length) mergeGroups(a, b, errorUs);
    else mergeGroups(b, a, -errorUs);
  }
  const [reference] = a.group;
  if (b === reference) addSample(a, b.offsetUs - aheadUs);
  else addSample(b, a.offsetUs + aheadUs);
}

/** Compares a clock with that of the host in its group that was read first. */
function compareToFirst(clock: Clock, clocks: ReadonlyMap<string, Clock>): readonly ClockDifference[] {
  const reference = [...clocks.values()].find(({group}) => group === clock.group);
  if (reference === undefined || reference === clock) return [];
  const {host, offsetUs, count} = clock;
  const connections = Math.max(count, reference.count);
  return [{host, reference: reference.host, offsetUs: offsetUs - reference.offsetUs, connections}];
}

export function createClocks(): Clocks {
  const clocks = new Map<string, Clock>();

  function clockOf(host: string): Clock {
    const known = clocks.get(host);
    if (known !== undefined) return known;
    const clock: Clock = {host, group: [], offsetUs: 0, samples: [], count: 0};
    clock.group.push(clock);
    clocks.set(host, clock);
    return clock;
  }

  return {
    toCommon: (host, timeUs) => timeUs - clockOf(host).offsetUs,
    compare(a, b) {
      if (a.host === undefined || b.host === undefined || a.host === b.host) return;
      const isOpener = a.direction === 'out';
      const aheadUs = isOpener ? sampleOf(a, b) : sampleOf(b, a);
      if (aheadUs === undefined) return;
      relate(clockOf(isOpener ? a.host : b.host), clockOf(isOpener ? b.host : a.host), aheadUs);
    },
    differences: () => [...clocks.values()].flatMap((clock) => compareToFirst(clock, clocks)),
    separate() {
      const firsts = new Map<readonly Clock[], string>();
      for (const {group, host} of clocks.values()) if (!firsts.has(group)) firsts.set(group, host);
      return [...firsts.values()];
    },
  };
}
