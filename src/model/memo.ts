/**
 * Remembers the results of a pure function. Bounded: a full memory is emptied, which costs less per call than
 * keeping track of what was used last.
 *
 * @param limit most results that are kept
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
