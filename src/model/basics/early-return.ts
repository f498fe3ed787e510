/**
 * Calls `release` if a generator is closed before its first next(). A generator that has not started runs no code when
 * it is closed, not even its `finally` blocks.
 *
 * @returns the same generator
 */
export function releaseUnstarted<T>(
  generator: AsyncGenerator<T, void, undefined>,
  release: () => void,
): AsyncGenerator<T, void, undefined> {
  let isStarted = false;
  const close = (): void => {
    if (!isStarted) release();
    isStarted = true;
  };
  const [next, end, fail] = [
    generator.next.bind(generator),
    generator.return.bind(generator),
    generator.throw.bind(generator),
  ];
  return Object.assign(generator, {
    next() {
      isStarted = true;
      return next();
    },
    return(value: void | PromiseLike<void>) {
      close();
      return end(value);
    },
    throw(error: unknown) {
      close();
      return fail(error);
    },
  });
}
