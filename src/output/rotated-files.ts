/** Names of rotated files: FILE.1 is the oldest, the highest number is the newest. */
import {constants, type Stats} from 'node:fs';
import {lstat, open, readdir, rename, unlink} from 'node:fs/promises';
import path from 'node:path';

/** One rotated file, which may exist under several names while it is compressed. */
export interface RotatedFile {
  readonly number: number;
  /** FILE.N, FILE.N.gz and unfinished FILE.N.gz.PID.tmp, as far as they exist. */
  readonly paths: readonly string[];
}

/** Numbers of up to 15 digits are exact in JavaScript. */
const SUFFIX = /^\.(\d{1,15})(?:\.gz(?:\.\d+\.tmp)?)?$/;

/** Returns FILE.N.gz.PID.tmp, the name of a compressed file until it is complete; a crash may leave one behind. */
export function temporaryName(path: string): string {
  return `${path}.gz.${String(process.pid)}.tmp`;
}

/** Lists the rotated files of a path, oldest first. */
export async function listRotated(file: string): Promise<readonly RotatedFile[]> {
  const {dir, base} = path.parse(file);
  const found = new Map<number, string[]>();
  for (const name of await readdir(dir === '' ? '.' : dir)) {
    const [, digits] = name.startsWith(base) ? (SUFFIX.exec(name.slice(base.length)) ?? []) : [];
    if (digits === undefined) continue;
    const number = Number(digits);
    const paths = found.get(number) ?? [];
    paths.push(path.join(dir, name));
    found.set(number, paths);
  }
  return [...found].sort(([a], [b]) => a - b).map(([number, paths]) => ({number, paths}));
}

/** Creates FILE.N as an empty file, so that no other process takes the number, and returns its path. */
async function claimNumber(file: string): Promise<string> {
  const newest = (await listRotated(file)).at(-1)?.number ?? 0;
  for (let number = newest + 1; ; number++) {
    const claimed = `${file}.${String(number)}`;
    try {
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
      await (await open(claimed, flags, 0o600)).close();
      return claimed;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function isSameFile(a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

/** Returns the file that a path names, undefined if it does not exist. */
async function findFile(file: string): Promise<Stats | undefined> {
  try {
    return await lstat(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Renames a full file to the next number, unless its name now belongs to another file.
 *
 * @param current the file that is open under this name
 * @returns the new path; undefined if this file was not renamed, because another process moved or removed it
 */
export async function moveAside(file: string, current: Stats): Promise<string | undefined> {
  const found = await findFile(file);
  if (found === undefined || !isSameFile(found, current)) return undefined;
  const claimed = await claimNumber(file);
  try {
    // rename(2) replaces only the empty file that claimNumber() created
    await rename(file, claimed);
  } catch (error) {
    await unlink(claimed).catch(() => undefined);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  // another tracer that shares the file may have rotated it in between
  return isSameFile(await lstat(claimed), current) ? claimed : undefined;
}

/** Removes all rotated files but the newest ones. */
export async function removeOldest(file: string, keep: number): Promise<void> {
  const rotated = await listRotated(file);
  for (const {paths} of rotated.slice(0, Math.max(0, rotated.length - keep)))
    for (const old of paths) await unlink(old).catch(ignoreGone);
}

/** A second tracer may have removed the file; a directory of that name stays. */
function ignoreGone(error: NodeJS.ErrnoException): void {
  if (!['ENOENT', 'EISDIR', 'EPERM'].includes(error.code ?? '')) throw error;
}
