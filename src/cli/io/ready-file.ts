/** Writes the file of --ready-file, which a script waits for. */
import {closeSync, constants, lstatSync, openSync, unlinkSync, writeSync} from 'node:fs';
import {TcptraceError} from '../../model/errors.js';
import {outputError} from '../../output/output.js';
import {openFifo} from '../../output/special-file.js';

/** Writes the pid; throws TcptraceError if that fails. */
export type WriteReadyFile = () => void;

const {O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW, O_NONBLOCK} = constants;

/** Opens a FIFO at once, so that its reader waits; removes the file of an earlier trace, which a script would take for this one's. */
function prepare(path: string): number | undefined {
  const stats = lstatSync(path, {throwIfNoEntry: false});
  if (stats?.isFIFO() === true) return openFifo(path);
  if (stats?.isFile() === true) unlinkSync(path);
  return undefined;
}

function write(fd: number): void {
  writeSync(fd, `${String(process.pid)}\n`);
  closeSync(fd);
}

function withPath<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof TcptraceError ? error : outputError(error, path);
  }
}

/**
 * Prepares the ready file. The returned function writes it; until then a regular file does not exist.
 *
 * @throws TcptraceError if an old file cannot be removed, or no process reads the FIFO
 */
export function prepareReadyFile(path: string): WriteReadyFile {
  const fifo = withPath(path, () => prepare(path));
  const flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK;
  return () => {
    withPath(path, () => {
      write(fifo ?? openSync(path, flags));
    });
  };
}
