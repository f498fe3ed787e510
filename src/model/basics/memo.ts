/**
 * Caches the results of a pure function. A full cache is cleared, which costs less per call than tracking the order of
 * use.
 *
 * @param limit maximum number of cached results
 */
export function memoize<K extends string | number, V>(compute: (key: K) => V, limit = 4096): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = compute(key);
    if (known.size >= limit) known.clear();
    known.set(key, value);
    return value;
  };
}
