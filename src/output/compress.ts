/** Compresses rotated files in a separate thread, so that events are not delayed. */
import {existsSync} from 'node:fs';
import {unlink} from 'node:fs/promises';
import {setTimeout} from 'node:timers/promises';
import {Worker} from 'node:worker_threads';
import {reasonOf} from '../model/errors.js';
import {listRotated} from './rotated-files.js';

export interface Compressor {
  /** Compresses a rotated file after those that were added before. */
  add(path: string): void;
  /** Waits for the rest, at most {@link MAX_WAIT_MS}; the next run compresses a file that remains. */
  finish(): Promise<void>;
}

/** Longest time that compression delays the exit. */
const MAX_WAIT_MS = 5000;

function startWorker(): Worker {
  const worker = new Worker(new URL(import.meta.resolve('#dist/output/compress-worker.js')), {
    execArgv: [],
    resourceLimits: {maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4},
  });
  worker.unref();
  return worker;
}

/** @param warn receives the reason why a file stays uncompressed */
export function createCompressor(warn: (text: string) => void): Compressor {
  let worker: Worker | undefined;
  const pending: string[] = [];
  let onIdle: (() => void) | undefined;

  function done(reason: string | null): void {
    const path = pending.shift();
    if (reason !== null && path !== undefined) warn(`cannot compress ${path}: ${reason}`);
    if (pending.length === 0) onIdle?.();
  }

  function fail(error: unknown): void {
    worker = undefined;
    while (pending.length > 0) done(reasonOf(error));
  }

  return {
    add(path) {
      worker ??= startWorker().on('message', done).on('error', fail);
      pending.push(path);
      worker.postMessage(path);
    },
    async finish() {
      const waiting = new AbortController();
      onIdle = (): void => {
        waiting.abort();
      };
      // the thread does not keep the process alive, the timer does
      if (pending.length > 0)
        await setTimeout(MAX_WAIT_MS, undefined, {signal: waiting.signal}).catch(() => undefined);
      await worker?.terminate();
    },
  };
}

/** Returns true if the process that wrote an unfinished file is no longer running. */
function isAbandoned(path: string): boolean {
  const [, pid] = /\.(\d+)\.tmp$/.exec(path) ?? [];
  return pid !== undefined && (pid === String(process.pid) || !existsSync(`/proc/${pid}`));
}

/** Adds the files whose compression an earlier run did not finish, and removes its unfinished files. */
export async function resumeCompression(file: string, compressor: Compressor): Promise<void> {
  for (const {number, paths} of await listRotated(file)) {
    const plain = `${file}.${String(number)}`;
    const abandoned = paths.filter(isAbandoned);
    for (const path of abandoned) await unlink(path).catch(() => undefined);
    const isUnfinished = abandoned.length > 0 || paths.includes(`${plain}.gz`);
    if (isUnfinished && paths.includes(plain)) compressor.add(plain);
  }
}
