/** The edges of a map: all connections from one node to another. */
import {isOpen, type JoinedConnection} from '../join/connection.js';
import {compareTimes} from '../../model/units/time.js';
import {plus} from '../sums.js';
import {addValue, copyHistogram, createHistogram, type Histogram, quantileOf} from './histogram.js';
import {
  addToHistory,
  copyHistory,
  createHistory,
  type EdgeHistory,
  finishHistory,
  type HistorySums,
} from './history.js';
import type {Timeline} from './timeline.js';

/** Limit of distinct ports, and of distinct errors, of an edge. */
const MAX_DETAILS = 64;

/** Median and 95th percentile, in microseconds. */
export interface Spread {
  readonly median: number;
  readonly p95: number;
}

export interface MapEdge {
  /** Index of the opener's node. */
  readonly from: number;
  /** Index of the acceptor's node. */
  readonly to: number;
  /** Ports that were connected to, as the opener has them, those with most connections first. */
  readonly ports: readonly number[];
  /** Established connections. */
  readonly connections: number;
  /** Connections among these that were open at the end. */
  readonly open: number;
  /** Failed connections by the name of the errno. */
  readonly failures: ReadonlyMap<string, number>;
  /** Bytes from opener to acceptor; undefined if unknown. */
  readonly txBytes: number | undefined;
  /** Bytes from acceptor to opener. */
  readonly rxBytes: number | undefined;
  readonly latency: Spread | undefined;
  readonly rtt: Spread | undefined;
  /** Times of the first and the last event. */
  readonly first: string;
  readonly last: string;
  /** Undefined if the map has no timeline. */
  readonly history: EdgeHistory | undefined;
}

type Summed = Omit<MapEdge, 'ports' | 'latency' | 'rtt' | 'history'>;

export type EdgeSums = {-readonly [Key in keyof Summed]: Summed[Key]} & {
  readonly portCounts: Map<number, number>;
  readonly failures: Map<string, number>;
  readonly latencies: Histogram;
  readonly rtts: Histogram;
  readonly history: HistorySums | undefined;
};

export function createEdge(from: number, to: number, timeline: Timeline | undefined): EdgeSums {
  return {
    from,
    to,
    portCounts: new Map(),
    connections: 0,
    open: 0,
    failures: new Map(),
    txBytes: undefined,
    rxBytes: undefined,
    latencies: createHistogram(),
    rtts: createHistogram(),
    first: '',
    last: '',
    history: timeline && createHistory(timeline),
  };
}

export function copyEdge({portCounts, failures, latencies, rtts, history, ...edge}: EdgeSums): EdgeSums {
  return {
    ...edge,
    portCounts: new Map(portCounts),
    failures: new Map(failures),
    latencies: copyHistogram(latencies),
    rtts: copyHistogram(rtts),
    history: history && copyHistory(history),
  };
}

function countIn<Key>(counts: Map<Key, number>, key: Key): void {
  if (counts.has(key) || counts.size < MAX_DETAILS) counts.set(key, (counts.get(key) ?? 0) + 1);
}

function addTimes(edge: EdgeSums, {opener, acceptor}: JoinedConnection): void {
  for (const side of [opener, acceptor]) {
    if (side === undefined) continue;
    const {first, lastTime} = side;
    if (edge.first === '' || compareTimes(first.time, edge.first) < 0) edge.first = first.time;
    if (compareTimes(lastTime, edge.last) > 0) edge.last = lastTime;
  }
}

function addNumbers(edge: EdgeSums, {opener, acceptor}: JoinedConnection): void {
  edge.txBytes = plus(edge.txBytes, opener?.totals?.tx_bytes ?? acceptor?.totals?.rx_bytes);
  edge.rxBytes = plus(edge.rxBytes, opener?.totals?.rx_bytes ?? acceptor?.totals?.tx_bytes);
  const rtt = opener?.totals?.rtt_us ?? acceptor?.totals?.rtt_us;
  if (rtt !== undefined) addValue(edge.rtts, rtt);
}

export function addConnection(
  edge: EdgeSums,
  connection: JoinedConnection,
  timeline: Timeline | undefined,
): void {
  const {opener, acceptor} = connection;
  if (edge.history !== undefined && timeline !== undefined) addToHistory(edge.history, timeline, connection);
  const port = opener?.first.rport ?? acceptor?.first.lport;
  if (port !== undefined) countIn(edge.portCounts, port);
  addTimes(edge, connection);
  const first = opener?.first;
  if (first?.event === 'fail') {
    countIn(edge.failures, first.error ?? 'unknown');
    return;
  }
  edge.connections += 1;
  if (isOpen(connection)) edge.open += 1;
  if (first?.event === 'connect' && first.latency_us !== undefined)
    addValue(edge.latencies, first.latency_us);
  addNumbers(edge, connection);
}

function spreadOf(histogram: Histogram): Spread | undefined {
  const [median, p95] = [quantileOf(histogram, 0.5), quantileOf(histogram, 0.95)];
  return median === undefined || p95 === undefined ? undefined : {median, p95};
}

/** Returns a copy without the working data. */
export function finishEdge(
  {latencies, rtts, portCounts, failures, history, ...edge}: EdgeSums,
  timeline: Timeline | undefined,
): MapEdge {
  const ports = [...portCounts].sort(([, a], [, b]) => b - a).map(([port]) => port);
  return {
    ...edge,
    ports,
    failures: new Map(failures),
    latency: spreadOf(latencies),
    rtt: spreadOf(rtts),
    history: history && timeline && finishHistory(history, timeline),
  };
}

export function countFailures({failures}: MapEdge): number {
  return [...failures.values()].reduce((sum, count) => sum + count, 0);
}
