/** Untrusted names in tables and messages on a terminal, from recordings and running processes. */
import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {copyFileSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {IS_ROOT} from '../cli/run.js';
import {ROOT} from '../helpers/machine.js';
import {skip} from '../helpers/suite.js';
import {showing, Tmux} from '../helpers/tmux.js';
import {CLI} from '../helpers/tracer.js';

/** Title, cursor, color, bidi, zero width, line feed, C1, and a terminal query. */
const EVIL = '\x1b]2;evil\x07\x1b[H\x1b[31m\u202egnp\u200b\n\x9b5n\x1b[6n';
/** The escaped name, in tables or JSON. */
const SHOWN = /\\(?:x1b|u001b)\]2;evil\\(?:x07|u0007)\\(?:x1b|u001b)\[H/;

const NAMES = [
  'user',
  'args',
  'cgroup',
  'container',
  'container_name',
  'pod',
  'pod_namespace',
  'raddr_name',
  'service',
];

function line(event: 'connect' | 'close', second: number): string {
  const names = Object.fromEntries(NAMES.map((name) => [name, `${name}${EVIL}`]));
  const time = `2026-11-23T12:00:0${String(second)}.000000000Z`;
  const ends = {family: 4, laddr: '10.0.0.1', lport: 1, raddr: '10.0.0.2', rport: 2, inode: 3};
  const who = {pid: 7, comm: EVIL, ...(event === 'close' && {owner_pid: 8, owner_comm: EVIL})};
  return `${JSON.stringify({time, event, source: 'kprobe', ...who, ...ends, direction: 'out', ...names})}\n`;
}

describe('untrusted names on a terminal', function () {
  this.timeout(60_000);
  let directory: string;
  let file: string;
  let other: string;

  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    // file names may be untrusted, too
    file = path.join(directory, `${EVIL.replaceAll('/', '')}.ndjson`);
    other = path.join(directory, 'other.ndjson');
    writeFileSync(file, ['connect', 'close'].map((event, index) => line(event as 'connect', index)).join(''));
    writeFileSync(other, `{\n${line('connect', 0)}`);
  });

  after(() => {
    rmSync(directory, {recursive: true});
  });

  const cases: Record<string, readonly [words: () => string[], exitCode: number]> = {
    'the table': [() => ['replay', file], 0],
    'the wide table': [() => ['replay', file, '--wide'], 0],
    'every column': [() => ['replay', file, '--columns', 'comm,user,container,pod,args,detail'], 0],
    'tables at the end': [() => ['replay', file, '--output', '/dev/null', '--stats'], 0],
    'totals as JSON': [() => ['replay', file, '--json', '--output', '/dev/null', '--stats'], 0],
    'a comparison': [() => ['compare', file, file, '--misses'], 0],
    'misses of a comparison': [() => ['compare', file, other, '--misses'], 0],
    'a missing file': [() => ['replay', `${file}x`], 1],
    'an invalid value': [() => ['replay', file, '--pid', EVIL], 2],
    'a surplus argument': [() => ['list', EVIL], 2],
    'an unknown flag': [() => ['replay', file, `--${EVIL}`], 2],
    'an unknown command': [() => [EVIL], 2],
  };

  for (const [what, [words, exitCode]] of Object.entries(cases)) {
    it(what, async () => {
      using tmux = new Tmux([process.execPath, CLI, ...words()], 1000, 60);
      const title = tmux.ask('pane_title');
      const lines = await tmux.waitFor(/^ended \d+$/m);
      // the cursor has not moved: the first line is intact; the terminal did not answer a query
      assert.equal(lines[0], 'before');
      assert.equal(lines.at(-1), `ended ${String(exitCode)}`);
      assert.match(lines.join('\n'), SHOWN);
      assert.equal(tmux.ask('pane_title'), title);
      assert.doesNotMatch(lines.join(''), /[\u202e\u200b]/);
    });
  }
});

/** Title, bidi, line feed, cursor: as much as a thread name holds. */
const EVIL_COMM = '\x1b]2;e\x07\u202e\n\x1b[H';
const COMM_SHOWN = /\\x1b\]2;e\\x07\\u\{202e\}\\x0a\\x1b\[H/;

describe('untrusted process name and arguments on a terminal', function () {
  this.timeout(60_000);
  let directory: string;
  let process: ChildProcess;

  before(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    const file = path.join(directory, EVIL_COMM);
    copyFileSync(path.join(ROOT, 'build/generator'), file);
    // listens, and connects on request
    process = spawn(file, ['1', EVIL], {stdio: ['pipe', 'pipe', 'inherit']});
    assert.ok(process.stdout);
    await once(process.stdout, 'data');
  });

  after(async () => {
    const over = once(process, 'close');
    process.stdin?.end();
    await over;
    rmSync(directory, {recursive: true});
  });

  const cases: Record<string, readonly [command: string, words: readonly string[]]> = {
    'the list': ['list', ['--listening', '--args']],
    'the trace': ['watch', ['--count', '4', '--args']],
    'the tables of a trace': ['watch', ['--count', '4', '--columns', 'comm,outcome,args', '--stats']],
    'the screen': ['top', ['--args']],
  };

  for (const [what, [command, args]] of Object.entries(cases)) {
    it(what, async function () {
      if (command !== 'list' && !IS_ROOT) skip(this, 'only root can trace');
      using tmux = new Tmux(showing(command, process.pid ?? 0)(...args), 1000, 60);
      const title = tmux.ask('pane_title');
      if (command !== 'list') await tmux.waitFor(command === 'top' ? /^PROCESS/m : /\(ready\)/);
      process.stdin?.write('4 0\n');
      const lines = await tmux.waitFor(COMM_SHOWN);
      assert.equal(
        lines[0],
        command === 'top' ? lines.find((line) => line.startsWith('tcptrace top')) : 'before',
      );
      if (command === 'top') tmux.press('q');
      const text = lines.concat(await tmux.waitFor(/^ended 0$/m)).join('');
      assert.equal(tmux.ask('pane_title'), title);
      assert.doesNotMatch(text, /[\u202e\u200b]/);
      assert.match(text, SHOWN);
    });
  }
});
