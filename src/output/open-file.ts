/** Opens regular files for appending. */
import {constants} from 'node:fs';
import {type FileHandle, open} from 'node:fs/promises';
import {ExitCode, TcptraceError} from '../model/errors.js';

/**
 * O_NOFOLLOW: tcptrace runs as root, and another user may have replaced the name by a link. O_NONBLOCK: open(2) of a FIFO
 * returns at once; it has no effect on a regular file.
 */
const FLAGS =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const OWNER_ONLY = 0o600;

/**
 * Opens a file for appending and creates it if it does not exist.
 *
 * @throws the error of open(2); TcptraceError if the path is not a regular file
 */
export async function openForAppend(path: string, truncate: boolean): Promise<FileHandle> {
  const handle = await open(path, truncate ? FLAGS | constants.O_TRUNC : FLAGS, OWNER_ONLY);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new TcptraceError('not a regular file', ExitCode.FAILURE);
}

/** Reads the last bytes of a file that is open for writing only; empty if that fails. */
export async function readTail({fd}: FileHandle, sizeBytes: number, length: number): Promise<Buffer> {
  const tail = Buffer.alloc(Math.min(length, sizeBytes));
  try {
    await using reader = await open(`/proc/self/fd/${String(fd)}`, constants.O_RDONLY);
    const {bytesRead} = await reader.read(tail, 0, tail.length, sizeBytes - tail.length);
    return tail.subarray(0, bytesRead);
  } catch {
    return Buffer.alloc(0);
  }
}
