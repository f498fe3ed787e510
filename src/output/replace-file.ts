/** Replaces a file at once, so that a reader sees the old or the new text. */
import {rename, rm, writeFile} from 'node:fs/promises';
import {ExitCode, TcptraceError} from '../model/errors.js';
import {outputError} from './output.js';
import {findStats} from './special-file.js';

const READABLE_BY_ALL = 0o644;

/** rename(2) would replace a device such as /dev/null, and a symbolic link such as /dev/stdout. */
function refuseSpecial(path: string): void {
  if (findStats(path)?.isFile() === false)
    throw new TcptraceError(
      `cannot replace ${path}: not a regular file`,
      ExitCode.FAILURE,
      'name another file',
    );
}

/** @throws TcptraceError if the file cannot be written, or is not a regular one */
export async function replaceFile(path: string, text: string): Promise<void> {
  refuseSpecial(path);
  const temporary = `${path}.${String(process.pid)}.tmp`;
  try {
    // another user may have made a link of this name
    await rm(temporary, {force: true});
    await writeFile(temporary, text, {flag: 'wx', mode: READABLE_BY_ALL});
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, {force: true});
    throw outputError(error, path);
  }
}
