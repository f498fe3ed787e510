/** A bare Debian system: the packages that every Debian has, and the C++ library, on which Node.js depends. */
import {existsSync, mkdirSync, renameSync} from 'node:fs';
import path from 'node:path';
import {ROOT, seconds} from '../helpers/machine.js';
import {stdoutOf} from './installed.js';

const ARCHIVE = path.join(ROOT, 'build/debian-root.tar');

/** Builds the archive; in memory if possible, because dpkg waits for the disk after each file. */
function buildArchive(): void {
  const env = existsSync('/dev/shm') ? {TMPDIR: '/dev/shm'} : {};
  const flags = ['--quiet', '--variant=essential', '--include=libstdc++6'];
  stdoutOf(['mmdebstrap', ...flags, 'bookworm', `${ARCHIVE}.new.tar`], {timeout: seconds(300), env});
  renameSync(`${ARCHIVE}.new.tar`, ARCHIVE);
}

/** Unpacks the system in a new directory. */
export function makeDebianRoot(root: string): void {
  if (!existsSync(ARCHIVE)) buildArchive();
  mkdirSync(root);
  stdoutOf(['tar', '-xf', ARCHIVE, '-C', root], {timeout: seconds(60)});
}
