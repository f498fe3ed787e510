/** Caches answers of slow lookups. Each key is looked up once at a time; callers wait for a bounded time. */

export interface Answers<T> {
  /** Returns the answer if it is known; an expired answer is returned until a new one arrives. */
  readonly get: (key: string) => T | undefined;
  /** Looks up the keys without a current answer, and waits at most `budgetMs` for them. */
  readonly settle: (keys: ReadonlySet<string>, budgetMs: number) => Promise<void>;
  /** Starts no more lookups. */
  readonly close: () => void;
}

export interface Bounds {
  /** Limit of cached answers, unless one settle() has more keys; the least recently used ones are dropped. */
  readonly maxKnown: number;
  /** Limit of concurrent lookups. */
  readonly maxPending: number;
  /** Time after which a key with an answer is looked up again. */
  readonly lifetimeMs: number;
  /** Time after which a key without an answer is looked up again. */
  readonly retryMs: number;
}

/** Resolves when all promises have resolved, or after `budgetMs`. */
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

/** Cache of answers; the least recently used ones are dropped first. */
interface Cache<T> {
  /** Returns the answer even after it has expired. */
  readonly get: (key: string) => T | undefined;
  /** Returns true if the key has an answer, or is known to have none, that has not expired. */
  readonly isFresh: (key: string) => boolean;
  readonly set: (key: string, answer: T | undefined) => void;
  /** Makes the cache large enough for `count` answers, or for `maxKnown` if that is more. */
  readonly resize: (count: number) => void;
}

function createCache<T>({maxKnown, lifetimeMs, retryMs}: Bounds): Cache<T> {
  /** The most recently used ones come last. */
  const known = new Map<string, Known<T>>();
  let maxSize = maxKnown;

  function keep(key: string, value: Known<T>): void {
    known.delete(key);
    known.set(key, value);
    for (const oldest of known.keys()) {
      if (known.size <= maxSize) break;
      known.delete(oldest);
    }
  }

  return {
    get: (key) => known.get(key)?.answer,
    isFresh(key) {
      const found = known.get(key);
      if (found === undefined || performance.now() >= found.until) return false;
      keep(key, found);
      return true;
    },
    set(key, answer) {
      keep(key, {answer, until: performance.now() + (answer === undefined ? retryMs : lifetimeMs)});
    },
    resize(count) {
      maxSize = Math.max(maxKnown, count);
    },
  };
}

/** @param ask looks up one key; resolves to undefined if there is no answer, never rejects */
export function createAnswers<T>(ask: (key: string) => Promise<T | undefined>, bounds: Bounds): Answers<T> {
  const cache = createCache<T>(bounds);
  const pending = new Map<string, Promise<void>>();
  let isClosed = false;

  async function lookUp(key: string): Promise<void> {
    cache.set(key, await ask(key));
    pending.delete(key);
  }

  /** Looks up one key after another; several workers share the keys. */
  async function work(keys: Iterable<string>): Promise<void> {
    for (const key of keys) {
      if (isClosed) return;
      if (cache.isFresh(key) || pending.has(key)) continue;
      const lookup = lookUp(key);
      pending.set(key, lookup);
      await lookup;
    }
  }

  return {
    get: cache.get,
    async settle(keys, budgetMs) {
      cache.resize(keys.size);
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
