/** Answers that take time: each is asked for once, and who waits for them does so for a bounded time. */

export interface Answers<T> {
  /** As far as it is known by now. */
  readonly get: (key: string) => T | undefined;
  /** Asks for those that are not known, and waits for the answers, so many milliseconds at most. */
  readonly settle: (keys: ReadonlySet<string>, budgetMs: number) => Promise<void>;
  /** Asks for no more. */
  readonly close: () => void;
}

export interface Bounds {
  /** Answers that are kept. */
  readonly maxKnown: number;
  /** Questions that wait for an answer at the same time. */
  readonly maxPending: number;
  /** After that, what had no answer is asked for again. */
  readonly retryMs: number;
}

/** Resolves when they all have, or after so many milliseconds. */
async function within(budgetMs: number, waited: readonly Promise<void>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, budgetMs);
  });
  await Promise.race([Promise.all(waited), isLate]);
  clearTimeout(timer);
}

/** @param ask never rejects; undefined is no answer */
export function createAnswers<T>(ask: (key: string) => Promise<T | undefined>, bounds: Bounds): Answers<T> {
  const known = new Map<string, {readonly answer: T | undefined; readonly until: number}>();
  const pending = new Map<string, Promise<void>>();
  let isClosed = false;

  async function note(key: string): Promise<void> {
    const answer = await ask(key);
    if (known.size >= bounds.maxKnown) known.clear();
    known.set(key, {answer, until: answer === undefined ? performance.now() + bounds.retryMs : Infinity});
    pending.delete(key);
  }

  function isKnown(key: string): boolean {
    const found = known.get(key);
    return found !== undefined && performance.now() < found.until;
  }

  /** One after another; several of these share the keys. */
  async function work(keys: Iterable<string>): Promise<void> {
    for (const key of keys) {
      if (isClosed) return;
      if (isKnown(key) || pending.has(key)) continue;
      const asking = note(key);
      pending.set(key, asking);
      await asking;
    }
  }

  return {
    get: (key) => known.get(key)?.answer,
    async settle(keys, budgetMs) {
      const begun = [...keys].flatMap((key) => pending.get(key) ?? []);
      const shared = keys.values();
      const workers: Promise<void>[] = [];
      while (pending.size < bounds.maxPending && workers.length < keys.size) {
        const before = pending.size;
        const worker = work(shared);
        if (pending.size === before) break;
        workers.push(worker);
      }
      const waited = [...begun, ...workers];
      if (waited.length > 0 && budgetMs > 0) await within(budgetMs, waited);
    },
    close() {
      isClosed = true;
    },
  };
}
