/** Injects errors into the system calls of the start: tcptrace works, or says why not in one line. It never takes an error for a lack of eBPF. */
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {IS_ROOT, run, type Result, tcptrace} from '../cli/run.js';
import {hasProgram} from '../helpers/machine.js';
import {faults} from '../helpers/runs.js';
import {skip, suite} from '../helpers/suite.js';
import {CLI} from '../helpers/tracer.js';

const COMMANDS = {
  watch: ['watch', '--port', '1', '--duration', '10ms'],
  list: ['list', '--port', '1'],
} as const;

/** System calls and errors that a loaded machine may give. */
const FAULTS = [
  ['bpf', 'ENOMEM'],
  ['bpf', 'EMFILE'],
  ['bpf', 'EINTR'],
  ['perf_event_open', 'EACCES'],
  ['perf_event_open', 'EMFILE'],
  ['perf_event_open', 'EINTR'],
] as const;

/** Runs a command with an error injected; `when` as strace(1) has it, such as 3 or 3+. */
function inject(
  command: readonly string[],
  call: string,
  error: string,
  when: string,
  ...more: string[]
): Result {
  return run('strace', [
    ...['-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, ...more],
    ...['-e', `inject=${call}:error=${error}:when=${when}`, process.execPath, CLI, ...command],
  ]);
}

/** Counts the calls of a command without faults. */
function countCalls(command: readonly string[], call: string): number {
  const log = path.join(mkdtempSync(path.join(tmpdir(), 'calls-')), 'log');
  spawnSync('strace', ['-f', '-qq', '-o', log, '-e', `trace=${call}`, process.execPath, CLI, ...command]);
  const lines = execFileSync('grep', ['-c', `${call}(`, log], {encoding: 'utf8'});
  rmSync(path.dirname(log), {recursive: true});
  return Number(lines);
}

function assertClean({status, stderr}: Result, what: string): void {
  assert.doesNotMatch(stderr, /\/proc|tracing with proc/, what);
  if (status === 0) return;
  assert.ok(status === 1 || status === 3, `${what}: ended with ${String(status)}: ${stderr}`);
  assert.match(stderr, /^tcptrace: [^\n]+\n$/, what);
}

suite('faults at the start', function () {
  before(function () {
    if (!hasProgram('strace')) skip(this, 'strace is missing');
  });

  for (const [name, command] of Object.entries(COMMANDS))
    for (const [call, error] of FAULTS)
      it(`${name}: ${call} fails with ${error}`, function () {
        this.timeout(300_000);
        const calls = name === 'list' && call === 'perf_event_open' ? 0 : countCalls(command, call);
        const step = Math.ceil(calls / faults(4, calls));
        for (let nth = 1; nth <= calls; nth += step) {
          assertClean(inject(command, call, error, String(nth)), `call ${String(nth)}`);
          assertClean(inject(command, call, error, `${String(nth)}+`), `calls from ${String(nth)}`);
        }
      });

  for (const error of ['EACCES', 'EMFILE', 'EINTR', 'ENOMEM'])
    for (const [name, command] of Object.entries(COMMANDS))
      it(`${name}: the kernel's types cannot be opened: ${error}`, () => {
        const result = inject(command, 'openat', error, '1+', '-P', '/sys/kernel/btf/vmlinux');
        assert.equal(result.status, 3, result.stderr);
        assertClean(result, error);
      });

  it('maps of the kernel cannot be mapped', () => {
    for (const command of Object.values(COMMANDS))
      for (const error of ['ENOMEM', 'EAGAIN'])
        assertClean(inject(command, 'mmap', error, '1+', '-P', 'anon_inode:bpf-map'), error);
  });
});

describe('files of the user', () => {
  it('none is read: a FIFO in the configuration directory does not block', function () {
    if (!IS_ROOT) skip(this, 'only root can list');
    const home = mkdtempSync(path.join(tmpdir(), 'home-'));
    try {
      const directory = path.join(home, '.config/tcptrace');
      mkdirSync(directory, {recursive: true});
      execFileSync('mkfifo', [path.join(directory, 'theme.json')]);
      const {status} = tcptrace(['list', '--port', '1'], {HOME: home, XDG_CONFIG_HOME: undefined});
      assert.equal(status, 0);
    } finally {
      rmSync(home, {recursive: true});
    }
  });
});
