/** Yields the last `count` items when the source ends; holds that many in memory. */
export async function* takeLast<T>(
  items: AsyncIterable<T>,
  count: number,
): AsyncGenerator<T, void, undefined> {
  const ring: T[] = [];
  let total = 0;
  for await (const item of items) ring[total++ % count] = item;
  const start = total > count ? total % count : 0;
  yield* ring.slice(start);
  yield* ring.slice(0, start);
}
