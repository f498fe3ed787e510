/** Quantiles of whole numbers in bounded memory, exact up to 127 and otherwise within 1 %. */

/** Numbers below are counted one by one; larger ones share a bucket with those of the same leading bits. */
const EXACT = 128;
const LEADING_BITS = 7;

export interface Histogram {
  readonly counts: Map<number, number>;
  total: number;
}

export function createHistogram(): Histogram {
  return {counts: new Map(), total: 0};
}

export function copyHistogram({counts, total}: Histogram): Histogram {
  return {counts: new Map(counts), total};
}

/** Returns the middle of the bucket of a number, which stands for all its numbers. */
function bucketOf(value: number): number {
  if (value < EXACT) return value;
  const width = 2 ** (Math.floor(Math.log2(value)) - LEADING_BITS + 1);
  return Math.floor(value / width) * width + width / 2;
}

export function addValue(histogram: Histogram, value: number): void {
  const bucket = bucketOf(value);
  histogram.counts.set(bucket, (histogram.counts.get(bucket) ?? 0) + 1);
  histogram.total += 1;
}

/** Returns the number below which a share of the numbers lies; undefined without numbers. */
export function quantileOf({counts, total}: Histogram, share: number): number | undefined {
  let left = Math.min(total - 1, Math.floor(total * share));
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return sorted.find(([, count]) => (left -= count) < 0)?.[0];
}
