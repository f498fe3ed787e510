/** Counts events by labels, in bounded memory. */
import type {ConnectionEvent, TraceEvent} from '../../model/event.js';
import {asOwner} from '../subject.js';
import {createThroughput} from '../throughput.js';
import {connectionKey, MAX_LIVE} from '../uncounted.js';
import {labelValues, type MetricLabel} from './labels.js';
import {createSeries, increment, observe, type Series} from './series.js';

export interface MeterOptions {
  /** Besides `direction`. */
  readonly labels: readonly MetricLabel[];
  /** Limit of combinations of their values; the rest counts as `other`. */
  readonly maxSeries: number;
}

export interface Meter {
  readonly add: (event: TraceEvent) => void;
  readonly series: () => Iterable<Readonly<Series>>;
  /** Number of combinations, without those of `other`. */
  readonly size: () => number;
  /** Number of connections and failures that were counted as `other`. */
  readonly folded: () => number;
  readonly lost: () => number;
}

const OTHER = 'other';

interface SeriesTable {
  readonly find: (event: ConnectionEvent) => Series;
  readonly all: () => Iterable<Series>;
  readonly size: () => number;
  readonly folded: () => number;
}

function createTable({labels, maxSeries}: MeterOptions): SeriesTable {
  const known = new Map<string, Series>();
  /** By direction. */
  const rest = new Map<string, Series>();
  let folded = 0;

  function add(table: Map<string, Series>, key: string, values: readonly string[]): Series {
    const series = createSeries(values);
    table.set(key, series);
    return series;
  }

  function findOther(direction: string): Series {
    return rest.get(direction) ?? add(rest, direction, [direction, ...labels.map(() => OTHER)]);
  }

  return {
    find(event) {
      const values = labelValues(labels, event);
      const [direction = '', ...others] = values;
      // a process may have this name
      if (others.every((value) => value === OTHER)) return findOther(direction);
      const key = values.join('\0');
      const found = known.get(key);
      if (found !== undefined) return found;
      if (known.size < maxSeries) return add(known, key, values);
      folded += 1;
      return findOther(direction);
    },
    all: () => [...known.values(), ...rest.values()],
    size: () => known.size,
    folded: () => folded,
  };
}

function count(series: Series, event: ConnectionEvent): void {
  if (event.event === 'connect' || event.event === 'accept') series.established += 1;
  if (event.event === 'connect') observe(series.latency, event.latency_us);
  if (event.event === 'accept') observe(series.acceptDelay, event.accept_delay_us);
  if (event.event === 'fail') increment(series.failed, event.error ?? '');
  if ('syn_retrans' in event) series.synRetrans += event.syn_retrans ?? 0;
  if (event.event !== 'close' && event.event !== 'update') return;
  series.txBytes += event.tx_bytes ?? 0;
  series.rxBytes += event.rx_bytes ?? 0;
  series.retrans += event.retrans ?? 0;
  if (event.event === 'update') return;
  increment(series.closed, event.ended_by ?? '');
  observe(series.duration, event.duration_us);
}

/**
 * A connection is counted in one series all its life, that of the event which opened it, whatever its process is
 * named later and whichever process closes it.
 */
export function createMeter(options: MeterOptions): Meter {
  const table = createTable(options);
  const toIncrements = createThroughput();
  const live = new Map<string, Series>();
  let lost = 0;

  function close(key: string): Series | undefined {
    const series = live.get(key);
    if (series === undefined) return undefined;
    series.open -= 1;
    live.delete(key);
    return series;
  }

  function open(key: string, series: Series): void {
    // the close of an earlier connection of this socket was lost
    close(key);
    if (live.size >= MAX_LIVE) return;
    series.open += 1;
    live.set(key, series);
  }

  function seriesOf(event: ConnectionEvent): Series {
    const key = connectionKey(event);
    if (event.event === 'fail' || key === undefined) return table.find(asOwner(event));
    if (event.event === 'close') return close(key) ?? table.find(asOwner(event));
    if (event.event === 'update') return live.get(key) ?? table.find(event);
    const series = table.find(event);
    open(key, series);
    return series;
  }

  return {
    add(event) {
      if (event.event === 'lost') lost += event.count;
      else count(seriesOf(event), toIncrements(event));
    },
    series: table.all,
    size: table.size,
    folded: table.folded,
    lost: () => lost,
  };
}
