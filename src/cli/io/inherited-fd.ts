/** Opens descriptors inherited from the parent process by path, such as that of `>(gzip > x.gz)` in a shell. */
import {createWriteStream, fstatSync} from 'node:fs';
import type {Writable} from 'node:stream';
import {outputError} from '../../output/output.js';
import {pipeStream} from '../../output/special-file.js';

const NAMED: Readonly<Record<string, number>> = {'/dev/stdout': 1, '/dev/stderr': 2};

/** Returns the descriptor that a path such as /dev/fd/3 names; undefined for the path of a file. */
export function findDescriptor(path: string): number | undefined {
  const [, digits] = /^\/(?:dev|proc\/self)\/fd\/([1-9]\d*)$/.exec(path) ?? [];
  return digits === undefined ? NAMED[path] : Number(digits);
}

/**
 * Opens the descriptor itself. Opening its path would write from the beginning of the file.
 *
 * @throws TcptraceError if it is not open
 */
export function openDescriptor(fd: number, path: string): Writable {
  try {
    const stats = fstatSync(fd);
    // a blocking write to a pipe would occupy a thread that no signal can interrupt
    if (stats.isFIFO() || stats.isSocket()) return pipeStream(fd);
    return createWriteStream(path, {fd, autoClose: false});
  } catch (error) {
    throw outputError(error, path);
  }
}
