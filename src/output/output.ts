import type {Writable} from 'node:stream';
import {ExitCode, reasonOf, TcptraceError, usageError} from '../model/errors.js';
import type {TraceEvent} from '../model/event.js';

/** Text is handed over in pieces of about this many characters. */
export const CHUNK = 64 * 1024;

/** Makes text of events. */
export interface Formatter {
  /** The lines of one event, below a header where one is due. */
  readonly format: (event: TraceEvent) => string;
  /** The header, for a file that begins in the middle. */
  readonly head?: () => string;
}

/** Where formatted events go: one stream, written in large pieces, never further ahead of its reader than a batch. */
export interface Output {
  /** Aborted when nothing can be written any more: the reader went away, or the disk is full. */
  readonly closed: AbortSignal;
  /** Adds text to what is to be written. */
  add(text: string): void;
  /** Says what goes on top of each file after the first one. */
  setHead(head: () => string): void;
  /**
   * Writes all that was added, and waits while the reader is behind. A reader that went away is no error.
   *
   * @throws TcptraceError where the stream failed otherwise, such as on a full disk
   */
  flush(): Promise<void>;
  /** Flushes, and waits until everything has left this process; throws as flush() does. */
  end(): Promise<void>;
}

/** A stream that failed, and not because its reader went away. @param what cannot be written */
export function outputError(error: unknown, what = 'the output'): TcptraceError {
  // open(2) has one code for it and for links in a circle
  const isLink = (error as NodeJS.ErrnoException).code === 'ELOOP';
  const [reason, hint] = isLink ? ['a symbolic link', 'name the file itself'] : [reasonOf(error)];
  return new TcptraceError(`cannot write ${what}: ${reason}`, ExitCode.FAILURE, hint, {cause: error});
}

/** What is to be rotated, and cannot be renamed. */
export function noFileToRotate(path: string): TcptraceError {
  return usageError(`--rotate is for files, and ${path} is none`, 'leave it out');
}

/** Resolves with the first of: the stream has drained, the signal is aborted. */
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

/** @param stream keeps its error listener to the end of the process: an error may come late */
export function createOutput(stream: Writable): Output {
  const closing = new AbortController();
  const closed = closing.signal;
  let failure: TcptraceError | undefined;
  let added = '';

  function fail(error: NodeJS.ErrnoException): void {
    if (error.code !== 'EPIPE') failure ??= outputError(error);
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
    // there is no further file
    setHead: () => undefined,
    flush,
    async end() {
      await flush();
      if (closed.aborted) return;
      // an empty write comes back when all before it are done, or failed
      await new Promise<void>((resolve) => {
        stream.write('', (error) => {
          if (error) fail(stream.errored ?? error);
          resolve();
        });
      });
      if (failure !== undefined) throw failure;
    },
  };
}
