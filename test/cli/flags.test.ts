/** Each flag of each command with an invalid value: refused, with the name of the flag. No flag is without such a test. */
import assert from 'node:assert/strict';
import {COMMANDS, refusalOf} from '../helpers/commands.js';

/** Arguments that a command requires. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  replay: ['/nonexistent/recording'],
  join: ['/nonexistent/recording'],
};

const PORT = ['65536', 'invalid value'] as const;
const ADDRESS = ['10.0.0.256', 'invalid value'] as const;
const NUMBER = ['1.5', 'invalid value'] as const;
const TIME = ['1 s', 'invalid value'] as const;
const FILE = ['', 'invalid value'] as const;
const SIZE = ['1Q', 'invalid value'] as const;

/** An invalid value of each flag that takes one, and the beginning of the message. */
const WRONG: Readonly<Record<string, readonly [value: string, complaint: string]>> = {
  addr: ADDRESS,
  aggregate: ['33', 'invalid value'],
  'buffer-size': SIZE,
  btf: FILE,
  by: ['pid', 'invalid value'],
  cgroup: ['a/b', 'invalid value'],
  comm: ['', 'invalid value'],
  color: ['', 'invalid value'],
  columns: ['pid,', 'invalid value'],
  container: ['', 'invalid value'],
  count: NUMBER,
  duration: TIME,
  first: NUMBER,
  event: ['Connect', 'invalid value'],
  'host-name': ['', 'invalid value'],
  format: ['yaml', 'invalid value'],
  interval: TIME,
  keep: NUMBER,
  laddr: ADDRESS,
  last: NUMBER,
  lport: PORT,
  'max-connections': ['0', 'invalid value'],
  'max-series': NUMBER,
  metrics: ['eth0:9469', 'invalid value'],
  'metrics-interval': TIME,
  'metrics-labels': ['tid', 'invalid value'],
  'metrics-textfile': FILE,
  netns: ['/proc/self/status', 'no such network namespace'],
  output: FILE,
  pid: ['self', 'invalid value'],
  pod: ['', 'invalid value'],
  'pod-namespace': ['', 'invalid value'],
  port: PORT,
  probe: ['ebpf', 'invalid value'],
  raddr: ADDRESS,
  'ready-file': FILE,
  'report-fd': ['x', 'invalid value'],
  rotate: SIZE,
  rows: NUMBER,
  rport: PORT,
  serve: ['localhost', 'invalid value'],
  since: ['25:00', 'invalid value'],
  sort: ['name', 'invalid value'],
  state: ['open', 'invalid value'],
  speed: ['fast', 'invalid value'],
  time: ['utc', 'invalid value'],
  until: ['tomorrowish', 'invalid value'],
  uid: ['4294967295', 'invalid value'],
  update: TIME,
  window: TIME,
  user: ['no-one-at-all', 'no such user'],
};

/** Flags that another flag requires. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  keep: ['--output', '/nonexistent/file', '--rotate', '1M'],
  rotate: ['--output', '/nonexistent/file'],
};

for (const command of COMMANDS) {
  describe(`${command.name}: invalid flags`, () => {
    for (const [name, {type}] of Object.entries(command.flags)) {
      it(`--${name}`, async () => {
        const [value, complaint] =
          type === 'boolean' ? ['x', 'takes no value'] : (WRONG[name.replace(/^not-/, '')] ?? []);
        assert.ok(value !== undefined && complaint !== undefined, 'this flag has no invalid value here');
        const words = [...(NEEDED[name] ?? []), `--${name}=${value}`];
        const {line, exitCode} = await refusalOf(command, [...(ARGUMENTS[command.name] ?? []), ...words]);
        assert.ok(line?.startsWith(`--${name}: ${complaint}`), line);
        assert.equal(exitCode, 2);
      });
    }
  });
}
