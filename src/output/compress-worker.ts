/** Thread that compresses rotated files, one after the other, at the lowest priority. */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  futimesSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import {setPriority} from 'node:os';
import {parentPort} from 'node:worker_threads';
import {gzipSync} from 'node:zlib';
import {reasonOf} from '../model/errors.js';
import {temporaryName} from './rotated-files.js';

/** Size of the part in each gzip member; gzip(1) and zlib read several members as one file. */
const PART_BYTES = 1 << 20;

const LOWEST_PRIORITY = 19;

function writeAll(fd: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
}

/** Compresses from the current position to the end of the file. */
function compressRest(source: number, target: number): void {
  const part = Buffer.allocUnsafe(PART_BYTES);
  for (let length; (length = readSync(source, part, 0, part.length, null)) > 0;)
    writeAll(target, gzipSync(part.subarray(0, length)));
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Replaces FILE.N by FILE.N.gz, which is complete as soon as it has that name. */
function compress(path: string): void {
  const temporary = temporaryName(path);
  const source = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const {O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW} = constants;
    const target = openSync(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
    try {
      const {mode, atime, mtime} = fstatSync(source);
      fchmodSync(target, mode & 0o777);
      compressRest(source, target);
      fsyncSync(target);
      renameSync(temporary, `${path}.gz`);
      unlinkIfThere(path);
      // another tracer may have had the file open until it was rotated
      compressRest(source, target);
      futimesSync(target, atime, mtime);
    } finally {
      closeSync(target);
    }
  } catch (error) {
    unlinkIfThere(temporary);
    throw error;
  } finally {
    closeSync(source);
  }
}

/** Answers each path with the reason that prevented its compression, or with null. */
function start(port: NonNullable<typeof parentPort>): void {
  try {
    // on Linux, setpriority(2) changes the calling thread only
    setPriority(LOWEST_PRIORITY);
  } catch {
    // a security policy may forbid it; the priority is an optimization
  }
  port.on('message', (path: string) => {
    try {
      compress(path);
      port.postMessage(null);
    } catch (error) {
      // an error loses its code on the way to another thread; --keep may have removed the file
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      port.postMessage(isGone ? null : reasonOf(error));
    }
  });
}

if (parentPort) start(parentPort);
