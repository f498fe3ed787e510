/** Events to a file of its own, which may be exchanged for the next one when it has grown enough. */
import {constants, existsSync} from 'node:fs';
import {type FileHandle, open, rename} from 'node:fs/promises';
import {CHUNK, noFileToRotate, outputError, type Output} from './output.js';

export interface FileOutputOptions {
  readonly path: string;
  /**
   * A file that has reached this many bytes is renamed to PATH.1, PATH.2 ..., the next that is free, and so is what an earlier
   * run has left; undefined is never, and begins the file anew.
   */
  readonly rotateBytes: number | undefined;
}

/** A name that somebody else made point elsewhere is refused: this runs as root. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;
const MODE = 0o600;

/**
 * Only whole lines are added, so a file never ends within one.
 *
 * @throws TcptraceError where it cannot be created, or is to be rotated and is no file
 */
export async function createFileOutput({path, rotateBytes = Infinity}: FileOutputOptions): Promise<Output> {
  const isRotated = rotateBytes !== Infinity;
  const fail = (error: unknown): never => {
    throw outputError(error, path);
  };
  const create = async (): Promise<FileHandle> =>
    open(path, isRotated ? FLAGS : FLAGS | constants.O_TRUNC, MODE).catch(fail);
  let file = await create();
  let sizeBytes = 0;
  let rotated = 0;
  let added: string[] = [];
  let head = (): string => '';

  async function rotate(): Promise<void> {
    await file.close();
    do rotated += 1;
    while (existsSync(`${path}.${String(rotated)}`));
    await rename(path, `${path}.${String(rotated)}`);
    file = await create();
    sizeBytes = 0;
  }

  /** What is there already is an earlier run's, which may have ended for any reason. */
  async function keepEarlier(): Promise<void> {
    const found = await file.stat();
    if (!found.isFile()) {
      await file.close();
      throw noFileToRotate(path);
    }
    if (found.size > 0) await rotate().catch(fail);
  }

  async function write(text: string): Promise<void> {
    const isFull = sizeBytes >= rotateBytes;
    if (isFull) await rotate();
    const bytes = Buffer.from(isFull ? head() + text : text);
    try {
      await file.writeFile(bytes);
    } catch (error) {
      // a full disk takes a part, which may end within a line; what is no file keeps it
      await file.truncate(sizeBytes).catch(() => undefined);
      throw error;
    }
    sizeBytes += bytes.length;
  }

  async function flush(): Promise<void> {
    const pieces = added;
    added = [];
    try {
      for (const piece of pieces) await write(piece);
    } catch (error) {
      await file.close().catch(() => undefined);
      fail(error);
    }
  }

  if (isRotated) await keepEarlier();
  return {
    // nobody reads it who could go away
    closed: new AbortController().signal,
    add(text) {
      const last = added.length - 1;
      const piece = added[last];
      if (piece === undefined || piece.length + text.length > Math.min(CHUNK, rotateBytes)) added.push(text);
      else added[last] = piece + text;
    },
    setHead(text) {
      head = text;
    },
    flush,
    async end() {
      await flush();
      await file.close().catch(fail);
    },
  };
}
