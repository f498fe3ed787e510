/** Builds the container image, once for all test files. */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {ROOT, seconds} from '../helpers/machine.js';
import {stdoutOf} from './installed.js';
import {buildPackages, PACKAGES} from './packages.js';

const {version} = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {version: string};

export const IMAGE = `localhost/tcptrace:${version}`;

const DEBIAN_ARCH = process.arch === 'x64' ? 'amd64' : process.arch;

export const ARCHIVE = path.join(PACKAGES, `tcptrace-${version}-image-${DEBIAN_ARCH}.tar`);

let isBuilt = false;

export function buildImage(): void {
  if (isBuilt) return;
  buildPackages();
  stdoutOf([path.join(ROOT, 'packaging/image')], {timeout: seconds(200)});
  isBuilt = true;
}
