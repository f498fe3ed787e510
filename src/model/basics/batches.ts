import {setTimeout} from 'node:timers/promises';

/**
 * Groups items into batches of at most `size`; yields a batch at the latest `delayMs` after its first item.
 *
 * @throws any error that `items` throws
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
    // the consumer has left the loop: ignore a late rejection
    next.catch(() => undefined);
  }
}
