/** A recording that is written to while it is read. */
import {statSync} from 'node:fs';
import {usageError} from '../../model/errors.js';

/** @returns what tells a file from every other, whatever it is called; undefined where there is none, or it is no file */
function identify(path: string): string | undefined {
  try {
    const stats = statSync(path, {bigint: true});
    return stats.isFile() ? `${String(stats.dev)} ${String(stats.ino)}` : undefined;
  } catch {
    // who opens it says why
    return undefined;
  }
}

/**
 * To be asked before the output is opened, which would empty it.
 *
 * @param file `-` is stdin
 * @param output undefined is stdout
 * @throws TcptraceError (usage) where both are one file
 */
export function refuseOwnRecording(file: string, output: string | undefined): void {
  const recording = identify(file === '-' ? '/proc/self/fd/0' : file);
  if (recording === undefined || recording !== identify(output ?? '/proc/self/fd/1')) return;
  const [what, hint] =
    output === undefined
      ? ['stdout is the recording itself', 'write to another file']
      : [`--output: ${output} is the recording itself`, 'name another file'];
  throw usageError(what, hint);
}
