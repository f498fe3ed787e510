/** Writes metrics to a file at an interval. */
import {replaceFile} from '../../output/replace-file.js';
import {explain} from '../run/errors.js';
import type {Say} from '../io/notices.js';

export interface MetricsFile {
  /** Writes for the last time. @throws TcptraceError if that fails */
  readonly finish: () => Promise<void>;
  readonly close: () => void;
}

/**
 * Empties the file, which may be that of an earlier trace, and then writes at each interval.
 *
 * @param warn receives the first of several failures in a row
 * @throws TcptraceError if the file cannot be written
 */
export async function openMetricsFile(
  path: string,
  intervalMs: number,
  read: () => Promise<string>,
  warn: Say,
): Promise<MetricsFile> {
  await replaceFile(path, '');
  let hasFailed = false;
  let writing = Promise.resolve();

  async function write(): Promise<void> {
    try {
      await replaceFile(path, await read());
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) warn(explain(error, 'watch').line ?? '');
      hasFailed = true;
    }
  }

  const timer = setInterval(() => {
    writing = writing.then(write);
  }, intervalMs).unref();
  return {
    async finish() {
      clearInterval(timer);
      await writing;
      await replaceFile(path, await read());
    },
    close() {
      clearInterval(timer);
    },
  };
}
