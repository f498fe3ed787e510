/** Writes events to a file, which may be rotated by tcptrace, or moved, removed or truncated by others. */
import {fstatSync, type Stats} from 'node:fs';
import type {FileHandle} from 'node:fs/promises';
import {reasonOf} from '../model/errors.js';
import {type Compressor, createCompressor, resumeCompression} from './compress.js';
import {openForAppend, readTail} from './open-file.js';
import {CHUNK, outputError, type Output} from './output.js';
import {moveAside, removeOldest} from './rotated-files.js';
import {isDue, type RotationSchedule} from './schedule.js';

/** When a file is rotated, and what happens to the rotated ones. */
export interface Rotation extends RotationSchedule {
  /** Number of rotated files to keep; undefined keeps all. */
  readonly keep?: number | undefined;
  /** Compress rotated files by gzip: FILE.N becomes FILE.N.gz. */
  readonly compress?: boolean;
}

export interface FileOutputOptions {
  readonly path: string;
  /** Empty an existing file instead of appending to it. */
  readonly truncate?: boolean;
  readonly rotation?: Rotation | undefined;
  /** Receives warnings that do not end the trace. */
  readonly warn?: (text: string) => void;
}

/** Time until the next attempt after a failed rotation. */
const RETRY_MS = 1000;

const LINE_FEED = 10;

/** Writes whole lines only: an event is never split between two files, and a full disk leaves no part of a line. */
class FileOutput implements Output {
  /** Never aborted: a file has no reader that could go away. */
  readonly closed = new AbortController().signal;
  readonly #path: string;
  readonly #rotation: Rotation | undefined;
  readonly #warn: (text: string) => void;
  readonly #compressor: Compressor | undefined;
  #handle: FileHandle;
  #pieces: string[] = [];
  #head = (): string => '';
  #isFirstWrite = true;
  /** Time of the first write to this file in its period. */
  #sinceMs = Date.now();
  /** Path of the open file after its rotation, until the next file is open. */
  #moved: string | undefined;
  #retryAt = 0;
  #lastWarning = '';
  /** Writes, rotations and reopening, one after the other. */
  #queue: Promise<void> = Promise.resolve();

  constructor({path, rotation, warn = () => undefined}: FileOutputOptions, handle: FileHandle) {
    this.#path = path;
    this.#rotation = rotation;
    this.#warn = warn;
    this.#handle = handle;
    this.#compressor = rotation?.compress === true ? createCompressor(warn) : undefined;
  }

  /** Prepares for a file that an earlier run may have left. */
  async begin(): Promise<void> {
    const {size, mtimeMs} = this.#stats();
    if (size > 0) this.#sinceMs = mtimeMs;
    // a run that was killed by a power failure may have left a part of a line
    const tail = await readTail(this.#handle, size, 1);
    if (tail.length > 0 && tail[0] !== LINE_FEED) await this.#append(Buffer.from('\n'));
    await this.#removeOldest();
    if (this.#compressor) await resumeCompression(this.#path, this.#compressor);
  }

  add(text: string): void {
    const last = this.#pieces.length - 1;
    const piece = this.#pieces[last];
    const limit = Math.min(CHUNK, this.#rotation?.bytes ?? CHUNK);
    if (piece === undefined || piece.length + text.length > limit) this.#pieces.push(text);
    else this.#pieces[last] = piece + text;
  }

  setHead(head: () => string): void {
    this.#head = head;
  }

  async flush(): Promise<void> {
    const pieces = this.#pieces;
    this.#pieces = [];
    if (pieces.length === 0) return this.#queue;
    try {
      await this.#enqueue(async () => {
        for (const piece of pieces) await this.#write(piece);
      });
    } catch (error) {
      await this.#handle.close().catch(() => undefined);
      throw error;
    }
  }

  async reopen(): Promise<void> {
    await this.#enqueue(async () => this.#replaceHandle());
  }

  async end(): Promise<void> {
    await this.flush();
    await this.#enqueue(async () => this.#handle.close());
    await this.#compressor?.finish();
    await this.#removeOldest();
  }

  async #enqueue(job: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(job).catch((error: unknown) => {
      throw outputError(error, this.#path);
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }

  #stats(): Stats {
    return fstatSync(this.#handle.fd);
  }

  async #write(text: string): Promise<void> {
    await this.#rotateIfDue();
    const {size} = this.#stats();
    await this.#append(Buffer.from(this.#withHead(text, size)));
    if (size === 0) this.#sinceMs = Date.now();
    this.#isFirstWrite = false;
  }

  /** Adds the header to an empty or new file, and omits it if the file already has one. */
  #withHead(text: string, size: number): string {
    const head = this.#head();
    if (head === '') return text;
    if (this.#isFirstWrite) return size > 0 && text.startsWith(head) ? text.slice(head.length) : text;
    return size === 0 && !text.startsWith(head) ? head + text : text;
  }

  async #append(bytes: Buffer): Promise<void> {
    let written = 0;
    try {
      while (written < bytes.length)
        written += (await this.#handle.write(bytes, written, bytes.length - written)).bytesWritten;
    } catch (error) {
      await this.#cutTorn(bytes.subarray(0, written)).catch(() => undefined);
      throw error;
    }
  }

  /** Removes the part of a line that a full disk has left, unless another process has appended to it. */
  async #cutTorn(written: Buffer): Promise<void> {
    const torn = written.subarray(written.lastIndexOf(LINE_FEED) + 1);
    const {size} = this.#stats();
    const tail = await readTail(this.#handle, size, torn.length);
    if (torn.length > 0 && tail.equals(torn)) await this.#handle.truncate(size - torn.length);
  }

  async #rotateIfDue(): Promise<void> {
    const stats = this.#stats();
    const now = Date.now();
    const isRemoved = stats.nlink === 0;
    const due = this.#rotation !== undefined && isDue(this.#rotation, stats.size, this.#sinceMs, now);
    if ((!isRemoved && !due) || now < this.#retryAt) return;
    try {
      if (!isRemoved) this.#moved = (await moveAside(this.#path, stats)) ?? this.#moved;
    } catch (error) {
      this.#warnOnce(`cannot rotate ${this.#path}: ${reasonOf(error)}`);
      return;
    }
    await this.#replaceHandle();
    await this.#removeOldest();
  }

  async #removeOldest(): Promise<void> {
    const keep = this.#rotation?.keep;
    if (keep === undefined) return;
    try {
      await removeOldest(this.#path, keep);
    } catch (error) {
      this.#warn(`cannot remove old files of ${this.#path}: ${reasonOf(error)}`);
    }
  }

  /** Reopens the file; if that fails, continues with the open one. */
  async #replaceHandle(): Promise<void> {
    let next: FileHandle;
    try {
      next = await openForAppend(this.#path, false);
    } catch (error) {
      this.#warnOnce(`cannot reopen ${this.#path}: ${reasonOf(error)}`);
      return;
    }
    const old = this.#handle;
    this.#handle = next;
    this.#sinceMs = Date.now();
    this.#lastWarning = '';
    // a deferred write error, such as EDQUOT on NFS, shows here
    await old.close();
    if (this.#moved !== undefined) this.#compressor?.add(this.#moved);
    this.#moved = undefined;
  }

  #warnOnce(text: string): void {
    this.#retryAt = Date.now() + RETRY_MS;
    if (text !== this.#lastWarning) this.#warn(`${text}; continuing with the open file`);
    this.#lastWarning = text;
  }
}

/**
 * Opens a regular file for appending.
 *
 * @throws TcptraceError if it cannot be opened, or is not a regular file
 */
export async function createFileOutput(options: FileOutputOptions): Promise<Output> {
  try {
    const handle = await openForAppend(options.path, options.truncate === true);
    const output = new FileOutput(options, handle);
    await output.begin();
    return output;
  } catch (error) {
    throw outputError(error, options.path);
  }
}
