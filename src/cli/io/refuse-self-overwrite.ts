/** Refuses to write to a recording that is being read. */
import {statSync} from 'node:fs';
import {usageError} from '../../model/errors.js';

/** Returns device and inode of a regular file; undefined for anything else, and if the path cannot be read. */
function identify(path: string): string | undefined {
  try {
    const stats = statSync(path, {bigint: true});
    return stats.isFile() ? `${String(stats.dev)} ${String(stats.ino)}` : undefined;
  } catch {
    // opening the file reports the reason
    return undefined;
  }
}

/**
 * Refuses an output that is one of the recordings. Call it before the output is opened.
 *
 * @param files recordings; `-` is stdin
 * @param output undefined is stdout
 * @throws TcptraceError (usage) if the output is one of the files
 */
export function refuseOwnRecording(files: readonly string[], output: string | undefined): void {
  const written = identify(output ?? '/proc/self/fd/1');
  if (written === undefined) return;
  if (!files.some((file) => identify(file === '-' ? '/proc/self/fd/0' : file) === written)) return;
  const [what, hint] =
    output === undefined
      ? ['stdout is the recording itself', 'write to another file']
      : [`--output: ${output} is the recording itself`, 'name another file'];
  throw usageError(what, hint);
}
