/** Makes tcptrace executable for an unprivileged user. */
import assert from 'node:assert/strict';
import {chmodSync, cpSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {ROOT} from '../helpers/machine.js';
import {CLI, IS_ROOT, run} from './run.js';

/** Options to run as an unprivileged user; empty if the tests do not run as root. */
export const NOBODY = IS_ROOT ? {uid: 65_534, gid: 65_534} : {};

/** Files of the program. */
const PARTS = [
  'bin',
  'dist',
  'build/Release/tcptrace.node',
  'package.json',
  'oclif.manifest.json',
  'node_modules',
];

export class Installation implements Disposable {
  node = process.execPath;
  cli = CLI;
  readonly #copy: string | undefined;

  /** Copies the program if the user cannot read the checkout or node. */
  constructor() {
    if (this.#isReadable()) return;
    this.#copy = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    chmodSync(this.#copy, 0o755);
    for (const part of PARTS) cpSync(path.join(ROOT, part), path.join(this.#copy, part), {recursive: true});
    this.cli = path.join(this.#copy, 'bin/run.js');
    this.node = path.join(this.#copy, 'node');
    cpSync(process.execPath, this.node);
    assert.ok(this.#isReadable());
  }

  [Symbol.dispose](): void {
    if (this.#copy !== undefined) rmSync(this.#copy, {recursive: true});
  }

  #isReadable(): boolean {
    try {
      return run(this.node, [this.cli, '--version'], {...NOBODY, cwd: '/'}).status === 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EACCES') return false;
      throw error;
    }
  }
}
