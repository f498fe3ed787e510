/** The file that scripts wait for. */
import {closeSync, constants, lstatSync, openSync, unlinkSync, writeSync} from 'node:fs';
import {outputError} from '../../output/output.js';

/**
 * That of an earlier trace would tell them too early. What is no regular file, such as a FIFO, stays.
 *
 * @throws TcptraceError where it cannot be removed
 */
export function removeReadyFile(path: string): void {
  try {
    if (lstatSync(path, {throwIfNoEntry: false})?.isFile() === true) unlinkSync(path);
  } catch (error) {
    throw outputError(error, path);
  }
}

/**
 * There when it holds a line.
 *
 * @throws TcptraceError where it cannot be written
 */
export function writeReadyFile(path: string): void {
  const {O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW} = constants;
  try {
    const file = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    writeSync(file, `${String(process.pid)}\n`);
    closeSync(file);
  } catch (error) {
    throw outputError(error, path);
  }
}
