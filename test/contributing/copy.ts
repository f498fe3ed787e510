/** A copy of the source tree in a temporary directory, with the dependencies of this one. */
import {execFileSync, spawnSync} from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {ROOT} from '../helpers/machine.js';

/** Built programs that no change rebuilds. */
const BUILT = ['build/actor', 'build/generator'];

/** Runs of property tests: few, because `npm test` has many. */
const RUNS = '1000';

export class TreeCopy {
  readonly root = mkdtempSync(path.join(tmpdir(), 'tcptrace-contributing-'));
  readonly #files: readonly string[];

  constructor() {
    const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    this.#files = list.split('\0').filter((file) => file !== '' && existsSync(path.join(ROOT, file)));
    for (const file of [...this.#files, ...BUILT]) this.#copy(file);
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(this.root, 'node_modules'));
  }

  [Symbol.dispose](): void {
    rmSync(this.root, {recursive: true});
  }

  #copy(file: string): void {
    const to = path.join(this.root, file);
    mkdirSync(path.dirname(to), {recursive: true});
    cpSync(path.join(ROOT, file), to);
  }

  /** @throws Error with its output if the command fails */
  run(command: string, ...args: readonly string[]): string {
    const {status, stdout, stderr} = spawnSync(command, args, {
      cwd: this.root,
      encoding: 'utf8',
      env: {...process.env, FUZZ_RUNS: RUNS, NO_COLOR: '1'},
    });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Runs tcptrace. */
  tcptrace(...args: readonly string[]): string {
    return this.run(process.execPath, 'bin/run.js', ...args);
  }

  /** Runs the tests of some files whose titles match. @throws Error if one fails, or none matches */
  mocha(files: readonly string[], grep = ''): void {
    const built = files.map((file) => file.replace(/^(.*)\.ts$/, 'build/$1.js'));
    const output = this.run(
      'node_modules/.bin/mocha',
      '--no-config',
      '--timeout=60000',
      '--grep',
      grep,
      ...built,
    );
    if (!/^ +[1-9]\d* passing/m.test(output)) throw new Error(`no test of ${files.join()} matches ${grep}`);
  }

  read(file: string): string {
    return readFileSync(path.join(this.root, file), 'utf8');
  }

  /** Returns the source files that differ from this tree, or that only the copy has. */
  changedFiles(): readonly string[] {
    const ignored = new Set(['build', 'dist', 'node_modules', 'oclif.manifest.json']);
    const found = readdirSync(this.root, {recursive: true, withFileTypes: true})
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.root, path.join(entry.parentPath, entry.name)))
      .filter((file) => !ignored.has(file.split('/')[0] ?? ''));
    return found.filter(
      (file) =>
        !this.#files.includes(file) || this.read(file) !== readFileSync(path.join(ROOT, file), 'utf8'),
    );
  }
}
