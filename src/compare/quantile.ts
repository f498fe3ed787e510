/**
 * Returns the value below which a share of the values lies; NaN without values.
 *
 * @param share from 0 to 1; 1 returns the maximum
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
