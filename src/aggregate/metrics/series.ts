/** Sums of the connections that have the same values of labels. */

/** Counts values by upper bounds, as Prometheus does. */
export interface Buckets {
  readonly bounds: readonly number[];
  /** Values up to each bound, and above the bound before; the last element counts those above all bounds. */
  readonly counts: number[];
  sum: number;
}

/** Upper bounds in microseconds, from 100 us to 30 s. A SYN is repeated after 1, 3, 7, 15 s. */
const LATENCY_US = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000].map((n) => n * 100);

const [MINUTE_S, HOUR_S, DAY_S] = [60, 3600, 86_400];

/** Upper bounds in microseconds, from 1 ms to a day. */
const DURATION_US = [0.001, 0.01, 0.1, 1, 10, MINUTE_S, 10 * MINUTE_S, HOUR_S, 6 * HOUR_S, DAY_S].map(
  (seconds) => seconds * 1e6,
);

function createBuckets(bounds: readonly number[]): Buckets {
  return {bounds, counts: new Array<number>(bounds.length + 1).fill(0), sum: 0};
}

/** @param value undefined if unknown */
export function observe(buckets: Buckets, value: number | undefined): void {
  if (value === undefined) return;
  const {bounds, counts} = buckets;
  const found = bounds.findIndex((bound) => value <= bound);
  const index = found < 0 ? bounds.length : found;
  counts[index] = (counts[index] ?? 0) + 1;
  buckets.sum += value;
}

export interface Series {
  /** Value of each label. Untrusted texts. */
  readonly labels: readonly string[];
  established: number;
  open: number;
  txBytes: number;
  rxBytes: number;
  retrans: number;
  synRetrans: number;
  /** Number of failed connections by `error`, and of closed ones by `ended_by`. */
  readonly failed: Map<string, number>;
  readonly closed: Map<string, number>;
  /** In microseconds. */
  readonly latency: Buckets;
  readonly acceptDelay: Buckets;
  readonly duration: Buckets;
}

export function createSeries(labels: readonly string[]): Series {
  return {
    labels,
    established: 0,
    open: 0,
    txBytes: 0,
    rxBytes: 0,
    retrans: 0,
    synRetrans: 0,
    failed: new Map(),
    closed: new Map(),
    latency: createBuckets(LATENCY_US),
    acceptDelay: createBuckets(LATENCY_US),
    duration: createBuckets(DURATION_US),
  };
}

/** @param key '' if unknown */
export function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
