/** Builds and unpacks the npm package. */
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
  readonly remove: () => void;
}

export function pack(): Pack {
  const scratch = mkdtempSync(path.join(tmpdir(), 'tcptrace-pack-'));
  const options = {cwd: ROOT, timeout: seconds(300)};
  const {status, stdout, stderr} = run('npm', ['pack', '--json', '--pack-destination', scratch], options);
  assert.equal(status, 0, stderr);
  // the output of the prepack script precedes the JSON
  const [{filename = ''} = {}] = JSON.parse(stdout.slice(stdout.search(/^\[$/m))) as {filename?: string}[];
  const tarball = path.join(scratch, filename);
  assert.equal(run('tar', ['-xzf', tarball, '-C', scratch]).status, 0);
  const remove = () => {
    rmSync(scratch, {recursive: true});
  };
  return {tarball, folder: path.join(scratch, 'package'), remove};
}
