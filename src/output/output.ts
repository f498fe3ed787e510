import type {Writable} from 'node:stream';
import {ExitCode, reasonOf, TcptraceError, usageError} from '../model/errors.js';

/** Characters that are collected before a write. */
export const CHUNK = 64 * 1024;

/** Destination of formatted events. It buffers at most one batch ahead of its reader. */
export interface Output {
  /** Aborted when nothing can be written any more: the reader went away, or the disk is full. */
  readonly closed: AbortSignal;
  /** Buffers whole lines for the next flush(). */
  add(text: string): void;
  /** Sets the header of each file after the first one. Streams ignore it. */
  setHead(head: () => string): void;
  /**
   * Writes the buffered text and waits for a slow reader. A reader that went away is not an error.
   *
   * @throws TcptraceError if the write failed for another reason, such as a full disk
   */
  flush(): Promise<void>;
  /** Reopens the file by its name, after another program has renamed it. Streams ignore it. */
  reopen(): Promise<void>;
  /** Flushes, and waits until everything has left this process; throws as flush() does. */
  end(): Promise<void>;
}

/** Describes a failed write or open. @param what name of the output */
export function outputError(error: unknown, what = 'the output'): TcptraceError {
  // open(2) with O_NOFOLLOW reports a symbolic link as ELOOP
  const isLink = (error as NodeJS.ErrnoException).code === 'ELOOP';
  const [reason, hint] = isLink ? ['a symbolic link', 'name the file itself'] : [reasonOf(error)];
  return new TcptraceError(`cannot write ${what}: ${reason}`, ExitCode.FAILURE, hint, {cause: error});
}

/** Refuses to rotate a FIFO, device or descriptor. */
export function notRotatable(path: string): TcptraceError {
  return usageError(`--rotate needs a regular file, and ${path} is not one`, 'leave out --rotate');
}

/** Resolves when the stream has drained or the signal is aborted. */
function drained(stream: Writable, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      closed.removeEventListener('abort', done);
      resolve();
    };
    stream.on('drain', done);
    closed.addEventListener('abort', done);
  });
}

/** Waits until all earlier writes are done. @returns the error of the stream, if there is one */
function written(stream: Writable): Promise<Error | undefined> {
  return new Promise((resolve) => {
    // the callback of an empty write runs after those of all earlier writes
    stream.write('', (error) => {
      resolve(error ? (stream.errored ?? error) : undefined);
    });
  });
}

/**
 * Writes to a stream. Its error listener stays until the process exits, because an error may come late.
 *
 * @param what name of the stream in messages
 */
export function createOutput(stream: Writable, what?: string): Output {
  const closing = new AbortController();
  const closed = closing.signal;
  let failure: TcptraceError | undefined;
  let added = '';

  function fail(error: NodeJS.ErrnoException): void {
    if (error.code !== 'EPIPE') failure ??= outputError(error, what);
    closing.abort();
  }

  stream.on('error', fail);

  function write(): void {
    if (added !== '' && !closed.aborted) stream.write(added);
    added = '';
  }

  async function flush(): Promise<void> {
    write();
    if (stream.writableNeedDrain && !closed.aborted) await drained(stream, closed);
    if (failure !== undefined) throw failure;
  }

  return {
    closed,
    add(text) {
      added += text;
      if (added.length >= CHUNK) write();
    },
    setHead: () => undefined,
    flush,
    reopen: async () => Promise.resolve(),
    async end() {
      await flush();
      if (closed.aborted) return;
      const error = await written(stream);
      if (error !== undefined) fail(error);
      if (failure !== undefined) throw failure;
    },
  };
}
