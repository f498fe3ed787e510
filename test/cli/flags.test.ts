/** Each flag of each command, with a value that is wrong: refused, and told by its name. No flag is without such a test. */
import assert from 'node:assert/strict';
import {explain} from '#dist/cli/run/errors.js';
import Compare from '#dist/commands/compare.js';
import Doctor from '#dist/commands/doctor.js';
import List from '#dist/commands/list.js';
import Replay from '#dist/commands/replay.js';
import Top from '#dist/commands/top.js';
import Watch from '#dist/commands/watch.js';
import {ROOT} from '../helpers/machine.js';

interface Runnable {
  readonly flags: Readonly<Record<string, {readonly type: 'boolean' | 'option'}>>;
  readonly run: (argv: string[], root: string) => Promise<unknown>;
  /** What else it takes. */
  readonly args: readonly string[];
}

const COMMANDS: Readonly<Record<string, Runnable>> = {
  compare: {flags: Compare.flags, run: (...all) => Compare.run(...all), args: []},
  doctor: {flags: Doctor.flags, run: (...all) => Doctor.run(...all), args: []},
  list: {flags: List.flags, run: (...all) => List.run(...all), args: []},
  replay: {flags: Replay.flags, run: (...all) => Replay.run(...all), args: ['/nonexistent/recording']},
  top: {flags: Top.flags, run: (...all) => Top.run(...all), args: []},
  watch: {flags: Watch.flags, run: (...all) => Watch.run(...all), args: []},
};

const PORT = ['65536', 'not a port'] as const;
const ADDRESS = ['10.0.0.256', 'not an address or network'] as const;
const NUMBER = ['1.5', 'not a count'] as const;
const TIME = ['1 s', 'not a duration'] as const;
const FILE = ['', 'not a file'] as const;
const SIZE = ['1Q', 'not a size'] as const;

/** Of each flag that takes a value: one that is wrong, and what is said of it. */
const WRONG: Readonly<Record<string, readonly [value: string, complaint: string]>> = {
  addr: ADDRESS,
  'buffer-size': SIZE,
  btf: FILE,
  by: ['pid', '"pid" is none of process, remote'],
  cgroup: ['a/b', 'not a cgroup'],
  comm: ['', 'not a name'],
  color: ['', '"" is none of auto, always, never'],
  columns: ['pid,', 'not a column: ""'],
  container: ['', 'not a container'],
  count: NUMBER,
  duration: TIME,
  event: ['Connect', 'not an event'],
  format: ['json', '"json" is none of table, wide, ndjson, csv'],
  interval: TIME,
  laddr: ADDRESS,
  lport: PORT,
  'max-connections': ['0', 'not a number of connections'],
  netns: ['/proc/self/status', 'no such network namespace'],
  output: FILE,
  pid: ['self', 'not a process id'],
  port: PORT,
  probe: ['ebpf', '"ebpf" is none of auto, fentry, kprobe, tracepoint, proc'],
  raddr: ADDRESS,
  'ready-file': FILE,
  rotate: SIZE,
  rows: NUMBER,
  rport: PORT,
  sort: ['name', '"name" is none of new, open, total, fails, tx, rx, rtt'],
  speed: ['fast', 'not a speed'],
  time: ['utc', '"utc" is none of absolute, relative, delta'],
  uid: ['4294967295', 'not a user id'],
  user: ['no-one-at-all', 'no such user'],
};

/** What is refused without them. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  rotate: ['--output', '/nonexistent/file'],
};

/** Runs it in this process: nothing is begun by then. @returns what a user is told, and the exit code */
async function complaintOf(command: string, {run, args}: Runnable, flags: readonly string[]) {
  try {
    await run([...args, ...flags], ROOT);
  } catch (error) {
    return explain(error, command);
  }
  throw new Error(`tcptrace ${[command, ...args, ...flags].join(' ')} was not refused`);
}

for (const [command, runnable] of Object.entries(COMMANDS)) {
  describe(`${command}: flags that are wrong`, () => {
    for (const [name, {type}] of Object.entries(runnable.flags)) {
      it(`--${name}`, async () => {
        const [value, complaint] =
          type === 'boolean' ? ['x', 'takes no value'] : (WRONG[name.replace(/^not-/, '')] ?? []);
        assert.ok(value !== undefined && complaint !== undefined, 'no wrong value of it is here');
        const words = [...(NEEDED[name] ?? []), `--${name}=${value}`];
        const {line, exitCode} = await complaintOf(command, runnable, words);
        assert.ok(line?.startsWith(`--${name}: ${complaint}`), line);
        assert.equal(exitCode, 2);
      });
    }
  });
}
