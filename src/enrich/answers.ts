/** Answers that take time: each is asked for once, and who waits for them does so for a bounded time. */

export interface Answers<T> {
  /** As far as it is known by now; an old answer holds until there is a new one. */
  readonly get: (key: string) => T | undefined;
  /** Asks for those that are not known, and waits for the answers, so many milliseconds at most. */
  readonly settle: (keys: ReadonlySet<string>, budgetMs: number) => Promise<void>;
  /** Asks for no more. */
  readonly close: () => void;
}

export interface Bounds {
  /** Answers that are kept, or as many as are asked for at once; those that nobody asked for longest make room. */
  readonly maxKnown: number;
  /** Questions that wait for an answer at the same time. */
  readonly maxPending: number;
  /** After that, what had an answer is asked for again. */
  readonly lifetimeMs: number;
  /** The same of what had none. */
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

interface Known<T> {
  readonly answer: T | undefined;
  readonly until: number;
}

/** @param ask never rejects; undefined is no answer */
export function createAnswers<T>(ask: (key: string) => Promise<T | undefined>, bounds: Bounds): Answers<T> {
  /** Those that were asked for last come last. */
  const known = new Map<string, Known<T>>();
  const pending = new Map<string, Promise<void>>();
  let room = bounds.maxKnown;
  let isClosed = false;

  function keep(key: string, value: Known<T>): void {
    known.delete(key);
    known.set(key, value);
    for (const oldest of known.keys()) {
      if (known.size <= room) break;
      known.delete(oldest);
    }
  }

  async function note(key: string): Promise<void> {
    const answer = await ask(key);
    const keptMs = answer === undefined ? bounds.retryMs : bounds.lifetimeMs;
    keep(key, {answer, until: performance.now() + keptMs});
    pending.delete(key);
  }

  function isKnown(key: string): boolean {
    const found = known.get(key);
    if (found === undefined || performance.now() >= found.until) return false;
    keep(key, found);
    return true;
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
      room = Math.max(bounds.maxKnown, keys.size);
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
