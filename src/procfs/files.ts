/** Files below /proc. What ended meanwhile, or may not be looked into, is undefined and no error. */
import {closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync} from 'node:fs';

/** What the kernel says of a process that is gone, a zombie, or not ours to look into. */
const EXPECTED = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'EINVAL', 'ENOTDIR']);

/** @throws the error, unless it is one of those */
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

/** Whether it may be opened for reading; a directory, too. */
export function canOpen(path: string): boolean {
  try {
    closeSync(openSync(path, 'r'));
    return true;
  } catch (error) {
    expect(error);
    return false;
  }
}

/** A small file, in UTF-8. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    expect(error);
    return undefined;
  }
}

/** Takes one line: bytes[start..end), without its line feed, to be overwritten afterwards. Returns whether to go on. */
export type TakeLine = (bytes: Buffer, start: number, end: number) => boolean;

/**
 * Reads a file line by line. A last line without a line feed is cut, thus dropped.
 *
 * @returns whether it was read, to its end or as far as it was taken
 */
export type ReadLines = (path: string, take: TakeLine) => boolean;

const LINE_FEED = 10;

/** @param size of the buffer that all reads share, in bytes; longer lines are dropped */
export function createLineReader(size = 64 * 1024): ReadLines {
  const buffer = Buffer.allocUnsafe(size);

  /** Takes the whole lines of the first `filled` bytes; returns where the rest begins, -1 where no more is wanted. */
  function takeLines(filled: number, take: TakeLine, isTail: boolean): number {
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

  function readAll(fd: number, take: TakeLine): void {
    let kept = 0;
    let isTail = false;
    for (;;) {
      const count = readSync(fd, buffer, kept, size - kept, null);
      if (count === 0) return;
      const filled = kept + count;
      const rest = takeLines(filled, take, isTail);
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
