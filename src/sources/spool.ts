/** A temporary file without a name, which stores the output of a program until it is read. */
import {createReadStream, mkdtempSync, openSync, type ReadStream, rmSync, statfsSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';

/**
 * Stores the output of a program under measurement. With a pipe, a slow reader would block the program and distort its
 * losses and delays.
 */
export interface Spool {
  /** For the standard output of a child. */
  readonly fd: number;
  /** Reads from the beginning, once the writer has exited; closes the file at the end. */
  readonly read: () => ReadStream;
  /** Returns true if the file system is full; programs such as conntrack do not report that. */
  readonly isDiskFull: () => boolean;
}

/** @throws the error of the file system if the folder of temporary files cannot be written */
export function createSpool(): Spool {
  const folder = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
  try {
    const fd = openSync(path.join(folder, 'spool'), 'wx+', 0o600);
    return {
      fd,
      // with `start`, it reads by pread(2) and leaves the offset that it shares with the writer alone
      read: () => createReadStream('', {fd, start: 0}),
      isDiskFull: () => statfsSync(tmpdir()).bavail === 0,
    };
  } finally {
    rmSync(folder, {recursive: true});
  }
}
