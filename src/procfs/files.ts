/** Reads files of /proc. A file of an exited or inaccessible process yields undefined, not an error. */
import {closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync} from 'node:fs';

/** Errors for processes that have exited, are zombies, or are inaccessible. */
const EXPECTED = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'EINVAL', 'ENOTDIR']);

/** Throws the error unless it is expected. */
function expect(error: unknown): void {
  const {code = ''} = error as NodeJS.ErrnoException;
  if (!EXPECTED.has(code)) throw error;
}

export function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    expect(error);
    return undefined;
  }
}

export function readDirectory(path: string): readonly string[] | undefined {
  try {
    return readdirSync(path);
  } catch (error) {
    expect(error);
    return undefined;
  }
}

/** True if a file or directory can be opened for reading. */
export function canOpen(path: string): boolean {
  try {
    closeSync(openSync(path, 'r'));
    return true;
  } catch (error) {
    expect(error);
    return false;
  }
}

/** Reads a small file as UTF-8. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    expect(error);
    return undefined;
  }
}

/** Receives one line, bytes[start..end), without its line feed; the buffer is reused. Returns false to stop. */
export type TakeLine = (bytes: Buffer, start: number, end: number) => boolean;

/**
 * Reads a file line by line; ignores a last line without a line feed, which is truncated.
 *
 * @returns false if the file cannot be read
 */
export type ReadLines = (path: string, take: TakeLine) => boolean;

const LINE_FEED = 10;

/**
 * Passes the complete lines of the first `filled` bytes to `take`.
 *
 * @param isTail true if the buffer begins within a line that is dropped
 * @returns the start of the rest, or -1 to stop
 */
function takeLines(buffer: Buffer, filled: number, take: TakeLine, isTail: boolean): number {
  let start = 0;
  let isWhole = !isTail;
  for (let at = 0; at < filled; at++) {
    if (buffer[at] !== LINE_FEED) continue;
    if (isWhole && !take(buffer, start, at)) return -1;
    isWhole = true;
    start = at + 1;
  }
  return start;
}

/** Creates a line reader. @param size of the buffer that all reads share, in bytes; longer lines are dropped */
export function createLineReader(size = 64 * 1024): ReadLines {
  const buffer = Buffer.allocUnsafe(size);

  function readAll(fd: number, take: TakeLine): void {
    let kept = 0;
    let isTail = false;
    for (;;) {
      const count = readSync(fd, buffer, kept, size - kept, null);
      if (count === 0) return;
      const filled = kept + count;
      const rest = takeLines(buffer, filled, take, isTail);
      if (rest < 0) return;
      if (rest > 0) isTail = false;
      kept = filled - rest;
      if (kept === size) {
        kept = 0;
        isTail = true;
      } else if (rest > 0) {
        buffer.copyWithin(0, rest, filled);
      }
    }
  }

  return (path, take) => {
    let fd: number | undefined;
    try {
      fd = openSync(path, 'r');
      readAll(fd, take);
      return true;
    } catch (error) {
      expect(error);
      return false;
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  };
}
