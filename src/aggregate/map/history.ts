/** When an edge had connections, and its latest ones, in bounded memory. */
import {parseTimeUs} from '../../model/units/time.js';
import type {JoinedConnection, JoinedEnding} from '../join/connection.js';
import {extendTo, periodOf, type Timeline} from './timeline.js';

/** Limit of connections that an edge remembers. */
const MAX_RECENT = 8;

export interface Endpoint {
  readonly address: string | undefined;
  readonly port: number | undefined;
}

export interface RecentConnection {
  /** Time of its first event. */
  readonly time: string;
  readonly family: 4 | 6;
  readonly opener: Endpoint;
  readonly acceptor: Endpoint;
  /** Name of the errno, if it failed. */
  readonly error: string | undefined;
  readonly isOpen: boolean;
  readonly durationUs: number | undefined;
  readonly txBytes: number | undefined;
  readonly rxBytes: number | undefined;
  readonly endedBy: JoinedEnding | undefined;
}

export interface EdgeHistory {
  /** Periods of the timeline with connections: first and last of each run, in order. */
  readonly runs: readonly (readonly [first: number, last: number])[];
  /** Period since which connections are open. */
  readonly openSince: number | undefined;
  /** The latest connections, the latest one last. */
  readonly recent: readonly RecentConnection[];
}

export interface HistorySums {
  /** Length of the periods of `active`, which are converted when the timeline has longer ones. */
  periodUs: number;
  active: Set<number>;
  openSinceUs: number | undefined;
  readonly recent: RecentConnection[];
}

export function createHistory({periodUs}: Timeline): HistorySums {
  return {periodUs, active: new Set(), openSinceUs: undefined, recent: []};
}

export function copyHistory({active, recent, ...rest}: HistorySums): HistorySums {
  return {...rest, active: new Set(active), recent: [...recent]};
}

function convert(history: HistorySums, {periodUs}: Timeline): void {
  const ratio = periodUs / history.periodUs;
  if (ratio === 1) return;
  history.active = new Set(Array.from(history.active, (period) => Math.floor(period / ratio)));
  history.periodUs = periodUs;
}

function endpointsOf({opener, acceptor}: JoinedConnection): readonly [Endpoint, Endpoint] {
  const first = opener?.first ?? acceptor?.first;
  const local = {address: first?.laddr, port: first?.lport};
  const remote = {address: first?.raddr, port: first?.rport};
  return opener === undefined ? [remote, local] : [local, remote];
}

function describe(connection: JoinedConnection, time: string, isOpen: boolean): RecentConnection {
  const {opener, acceptor, endedBy} = connection;
  const [from, to] = endpointsOf(connection);
  const first = opener?.first ?? acceptor?.first;
  return {
    time,
    family: first?.family ?? 4,
    opener: from,
    acceptor: to,
    error: first?.event === 'fail' ? (first.error ?? 'unknown') : undefined,
    isOpen,
    durationUs: opener?.durationUs ?? acceptor?.durationUs,
    txBytes: opener?.totals?.tx_bytes ?? acceptor?.totals?.rx_bytes,
    rxBytes: opener?.totals?.rx_bytes ?? acceptor?.totals?.tx_bytes,
    endedBy,
  };
}

export function addToHistory(history: HistorySums, timeline: Timeline, connection: JoinedConnection): void {
  const sides = [connection.opener, connection.acceptor].flatMap((side) => side ?? []);
  const begin = sides[0]?.first.time;
  if (begin === undefined) return;
  const isOpen = sides.some(({isClosed}) => !isClosed);
  const times = sides.flatMap(({first, lastTime}) => [parseTimeUs(first.time), parseTimeUs(lastTime)]);
  const [fromUs, toUs] = [Math.min(...times), Math.max(...times)];
  extendTo(timeline, fromUs);
  extendTo(timeline, toUs);
  convert(history, timeline);
  for (let period = periodOf(timeline, fromUs); period <= periodOf(timeline, toUs); period += 1)
    history.active.add(period);
  if (isOpen) history.openSinceUs = Math.min(history.openSinceUs ?? Infinity, fromUs);
  history.recent.push(describe(connection, begin, isOpen));
  if (history.recent.length > MAX_RECENT) history.recent.shift();
}

function toRuns(periods: ReadonlySet<number>): EdgeHistory['runs'] {
  const runs: [number, number][] = [];
  for (const period of [...periods].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run?.[1] === period - 1) run[1] = period;
    else runs.push([period, period]);
  }
  return runs;
}

export function finishHistory(history: HistorySums, timeline: Timeline): EdgeHistory {
  convert(history, timeline);
  const {active, openSinceUs, recent} = history;
  return {
    runs: toRuns(active),
    openSince: openSinceUs === undefined ? undefined : periodOf(timeline, openSinceUs),
    recent: [...recent],
  };
}
