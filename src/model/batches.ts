import {setTimeout} from 'node:timers/promises';

/**
 * Items in batches of up to so many. None waits longer than that for those behind it.
 *
 * @throws what the items throw
 */
export async function* inBatches<T>(
  items: AsyncIterable<T>,
  size: number,
  delayMs: number,
): AsyncGenerator<T[], void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  let batch: T[] = [];
  let next = iterator.next();
  try {
    for (let due: Promise<undefined> | undefined; ;) {
      const result = await (due === undefined ? next : Promise.race([next, due]));
      if (result !== undefined && result.done !== true) {
        batch.push(result.value);
        due ??= setTimeout(delayMs, undefined, {ref: false});
        next = iterator.next();
        if (batch.length < size) continue;
      }
      if (batch.length > 0) yield batch;
      batch = [];
      due = undefined;
      if (result?.done === true) return;
    }
  } finally {
    // nobody waits for it any more
    next.catch(() => undefined);
  }
}
