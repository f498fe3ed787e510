/** Builds the archives and Debian packages, once for all test files. */
import path from 'node:path';
import {ROOT, seconds} from '../helpers/machine.js';
import {stdoutOf} from './installed.js';
import {pack} from './pack.js';

export const PACKAGES = path.join(ROOT, 'build/packages');

let isBuilt = false;

export function buildPackages(): void {
  if (isBuilt) return;
  stdoutOf([path.join(ROOT, 'packaging/build'), pack().tarball], {timeout: seconds(300)});
  isBuilt = true;
}
