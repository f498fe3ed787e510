/** Descriptors that who called has opened, such as that of `>(gzip > x.gz)` in a shell, by their paths. */
import {createWriteStream, fstatSync} from 'node:fs';
import {Socket} from 'node:net';
import type {Writable} from 'node:stream';
import {outputError} from '../../output/output.js';

const NAMED: Readonly<Record<string, number>> = {'/dev/stdout': 1, '/dev/stderr': 2};

/** @returns the descriptor that a path is another name of; undefined where it names a file */
export function findDescriptor(path: string): number | undefined {
  const [, digits] = /^\/(?:dev|proc\/self)\/fd\/([1-9]\d*)$/.exec(path) ?? [];
  return digits === undefined ? NAMED[path] : Number(digits);
}

/**
 * The descriptor itself: what is opened anew by its path is written from its beginning. A thread that waits for a pipe could
 * not be interrupted, so pipes are written without one.
 *
 * @throws TcptraceError where it is not open
 */
export function openDescriptor(fd: number, path: string): Writable {
  try {
    const stats = fstatSync(fd);
    // nothing ends it, and it is not to be waited for
    if (stats.isFIFO() || stats.isSocket()) return new Socket({fd, readable: false, writable: true}).unref();
    return createWriteStream(path, {fd, autoClose: false});
  } catch (error) {
    throw outputError(error, path);
  }
}
