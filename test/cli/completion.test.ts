/** Completion scripts of the package, in their shells. */
import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {ROOT} from '../helpers/machine.js';
import {Tmux} from '../helpers/tmux.js';
import {run, tcptrace} from './run.js';

/** @param words of the command line; the last one is being completed */
function complete(...words: readonly string[]): string[] {
  const script = `source "$1"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _tcptrace; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const file = path.join(ROOT, 'completions/tcptrace.bash');
  const {stdout, stderr} = run('bash', ['-c', script, 'bash', file, 'tcptrace', ...words], {cwd: ROOT});
  assert.equal(stderr, '');
  return stdout.split('\n').filter((word) => word !== '');
}

describe('completion in bash', () => {
  it('of commands', () => {
    assert.deepEqual(complete('w'), ['watch']);
    assert.deepEqual(complete('re'), ['replay']);
    assert.deepEqual(complete('help', 're'), ['replay']);
  });

  it('of flags', () => {
    assert.deepEqual(complete('watch', '--fo'), ['--follow', '--format']);
    assert.deepEqual(complete('doctor', '--c'), ['--columns', '--color']);
  });

  it('of known values', () => {
    assert.deepEqual(complete('watch', '-o', ''), [
      'table',
      'wide',
      'compact',
      'json',
      'ndjson',
      'csv',
      'none',
    ]);
    assert.deepEqual(complete('watch', '--probe', 'f'), ['fentry']);
    assert.deepEqual(complete('watch', '--duration', ''), []);
    assert.deepEqual(complete('watch', '--port', 'ssh,https'), ['ssh,https']);
    assert.deepEqual(complete('watch', '--user', 'roo'), ['root']);
    assert.deepEqual(complete('completion', ''), ['bash', 'zsh', 'fish', '--help']);
    // bash splits --flag=value into three words
    assert.deepEqual(complete('watch', '--color', '=', 'al'), ['always']);
    assert.deepEqual(complete('watch', '--color', '='), ['auto', 'always', 'never']);
  });

  it('of several values, separated by commas', () => {
    assert.deepEqual(complete('watch', '--event', 'c'), ['connect', 'close']);
    assert.deepEqual(complete('watch', '--event', 'close,a'), ['close,accept']);
    assert.deepEqual(complete('replay', '--columns', 'pid,comm,lo'), ['pid,comm,local']);
  });

  it('of files, for flags and arguments that take one', () => {
    assert.deepEqual(complete('replay', 'READ'), ['README.md']);
    assert.deepEqual(complete('watch', '--output', 'READ'), ['README.md']);
    assert.deepEqual(complete('watch', 'READ'), []);
  });

  it('of programs, after --', () => {
    assert.deepEqual(complete('watch', '--quiet', '--', 'mapfil'), ['mapfile']);
  });

  it('of a command in a folder with an entry of the same name', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    mkdirSync(path.join(directory, 'watch'));
    const file = path.join(ROOT, 'completions/tcptrace.bash');
    const keys = `PS1=\nsource '${file}'\ntcptrace wa\t--help | head -n 0\n`;
    const {stdout, stderr} = run('bash', ['--norc', '-i'], {cwd: directory, input: keys, stdio: 'pipe'});
    rmSync(directory, {recursive: true});
    assert.match(stdout + stderr, /tcptrace watch --help/);
  });
});

describe('tcptrace completion', () => {
  it('prints the script of a shell', () => {
    for (const [shell, file] of [
      ['bash', 'tcptrace.bash'],
      ['zsh', '_tcptrace'],
      ['fish', 'tcptrace.fish'],
    ] as const) {
      const stdout = readFileSync(path.join(ROOT, 'completions', file), 'utf8');
      assert.deepEqual(tcptrace(['completion', shell]), {status: 0, stdout, stderr: ''});
    }
  });
});

const CASES = [
  ['tcptrace re', 'tcptrace replay'],
  ['tcptrace watch --read', 'tcptrace watch --ready-file'],
  ['tcptrace watch --probe f', 'tcptrace watch --probe fentry'],
  ['tcptrace watch --event close,co', 'tcptrace watch --event close,connect'],
  ['tcptrace replay READ', 'tcptrace replay README.md'],
  ['tcptrace watch --quiet -- ls READ', 'tcptrace watch --quiet -- ls README.md'],
] as const;

describe('completion in fish', () => {
  for (const [typed, expected] of CASES)
    it(typed, () => {
      const script = `source completions/tcptrace.fish; complete -C '${typed}'`;
      const {stdout, stderr} = run('fish', ['--no-config', '-c', script], {cwd: ROOT});
      assert.equal(stderr, '');
      assert.deepEqual(
        stdout
          .trimEnd()
          .split('\n')
          .map((line) => line.split('\t')[0]),
        [expected.split(' ').at(-1)],
      );
    });
});

describe('completion in zsh', () => {
  for (const [typed, expected] of CASES)
    it(typed, async () => {
      using tmux = new Tmux(['zsh', '-f', '-i']);
      tmux.press(
        `cd '${ROOT}'; fpath=($PWD/completions $fpath); PS1=; autoload -U compinit; compinit -u -D; clear; echo on`,
        'Enter',
      );
      await tmux.waitFor(/^on$/m);
      tmux.press('-l', typed);
      tmux.press('Tab');
      // it goes on with what may follow
      await tmux.waitFor(new RegExp(`^${expected}[, =]*$`, 'm'));
    });
});
