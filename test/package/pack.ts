/** Builds and unpacks the npm package, once for all test files. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {run} from '../cli/run.js';
import {ROOT, seconds} from '../helpers/machine.js';

export interface Pack {
  readonly tarball: string;
  /** Folder with its unpacked content. */
  readonly folder: string;
}

let made: Pack | undefined;

/** Returns the package; it is removed when the test run exits. */
export function pack(): Pack {
  made ??= make();
  return made;
}

function make(): Pack {
  const scratch = mkdtempSync(path.join(tmpdir(), 'tcptrace-pack-'));
  process.once('exit', () => {
    rmSync(scratch, {recursive: true});
  });
  const options = {cwd: ROOT, timeout: seconds(300)};
  const {status, stdout, stderr} = run('npm', ['pack', '--json', '--pack-destination', scratch], options);
  assert.equal(status, 0, stderr);
  // the output of the prepack script precedes the JSON
  const [{filename = ''} = {}] = JSON.parse(stdout.slice(stdout.search(/^\[$/m))) as {filename?: string}[];
  const tarball = path.join(scratch, filename);
  assert.equal(run('tar', ['-xzf', tarball, '-C', scratch]).status, 0);
  return {tarball, folder: path.join(scratch, 'package')};
}
