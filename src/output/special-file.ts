/** Opens FIFOs and devices as streams. */
import {constants, createWriteStream, lstatSync, openSync, type Stats} from 'node:fs';
import {Socket} from 'node:net';
import type {Writable} from 'node:stream';
import {ExitCode, TcptraceError} from '../model/errors.js';
import {outputError} from './output.js';

/**
 * Opens a FIFO for writing without waiting for its reader, which open(2) would do in a thread that no signal can interrupt.
 *
 * @returns the descriptor, in non-blocking mode
 * @throws TcptraceError if no process has the FIFO open for reading
 */
export function openFifo(path: string): number {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw outputError(error, path);
    const message = `cannot write ${path}: no process reads this FIFO`;
    throw new TcptraceError(message, ExitCode.FAILURE, 'start its reader first', {cause: error});
  }
}

/** Returns a stream for a descriptor of a FIFO or socket. It does not keep the process alive. */
export function pipeStream(fd: number): Writable {
  return new Socket({fd, readable: false, writable: true}).unref();
}

/**
 * Opens a FIFO or character device; returns undefined for any other path, including one that does not exist.
 *
 * @throws TcptraceError if the path cannot be looked up, or the FIFO cannot be opened
 */
export function openSpecialFile(path: string): Writable | undefined {
  const stats = findStats(path);
  if (stats?.isFIFO() === true) return pipeStream(openFifo(path));
  return stats?.isCharacterDevice() === true ? createWriteStream(path, {flags: 'a'}) : undefined;
}

/** @returns undefined if the path does not exist @throws TcptraceError if it cannot be looked up */
export function findStats(path: string): Stats | undefined {
  try {
    return lstatSync(path, {throwIfNoEntry: false});
  } catch (error) {
    throw outputError(error, path);
  }
}
