/** Wrong command lines: code 2, one line with what to do, and nothing was traced. */
import assert from 'node:assert/strict';
import {assertRefused, shell, tcptrace} from './run.js';

const WATCH_HELP = 'see tcptrace watch --help';
const BEHIND = 'to trace a command, write it behind --';
const INTEGER = (max: number): string => `write a whole number from 1 to ${String(max)}`;

const CASES: readonly (readonly [args: readonly string[], complaint: string])[] = [
  [['nonsense'], 'unknown command: "nonsense"; see tcptrace --help'],
  [['help', 'nonsense'], 'unknown command: "nonsense"; see tcptrace --help'],
  [['nonsense', '--help'], 'unknown command: "nonsense"; see tcptrace --help'],
  [['watch:doctor'], 'unknown command: "watch:doctor"; see tcptrace --help'],
  [[''], 'unknown command: ""; see tcptrace --help'],
  [['a\nb\x1b[2J'], 'unknown command: "a b\\x1b[2J"; see tcptrace --help'],
  [['--nonsense'], 'unknown flag: --nonsense; see tcptrace --help'],

  [['watch', '--nonsense'], `unknown flag: --nonsense; ${WATCH_HELP}`],
  [['watch', '-x'], `unknown flag: -x; ${WATCH_HELP}`],
  [['watch', '--json'], `unknown flag: --json; ${WATCH_HELP}`],
  [['doctor', '--ndjson'], 'unknown flag: --ndjson; see tcptrace doctor --help'],
  [['watch', 'extra'], `unexpected argument: "extra"; ${BEHIND}`],
  [['watch', 'two', 'more'], `unexpected arguments: two, more; ${BEHIND}`],
  [['watch', 'extra', '--', 'curl'], `unexpected argument: "extra"; ${BEHIND}`],
  [['list', '--', 'curl'], 'unexpected argument: "curl"; see tcptrace list --help'],
  [['watch', '--'], 'no command behind --'],
  [['watch', '-p', '1', '--', 'ls'], '--pid and a command exclude each other; give one of them'],
  [['watch', '-c', '1', '--', 'ls'], '--count and a command exclude each other; give one of them'],
  [['watch', '--proc', '--', 'ls'], 'scans of /proc cannot follow processes; leave out --proc'],
  [['watch', '--ndjson', '--wide'], '--wide and --ndjson exclude each other; give one of them'],
  [['watch', '-o', 'csv', '--columns', 'pid'], '--columns is for the table; leave it out with csv'],
  [['replay', 'x', '--ndjson', '--time', 'delta'], '--time is for tables; leave it out with ndjson'],
  [
    ['watch', '--columns', 'pid,comm', '--time', 'delta'],
    '--time is for the column time; name it with --columns',
  ],
  [['watch', '--rotate', '1M'], '--rotate is for a file; name it with --output'],
  [['watch', '-o', 'xml'], `--format: "xml" is none of table, wide, ndjson, csv; ${WATCH_HELP}`],
  [['watch', '--follow'], '--follow is for processes; name one with --pid'],
  [['watch', '--as-root'], '--as-root is for a command; write it behind --'],
  [['watch', ''], `unexpected argument: ""; ${BEHIND}`],
  [['watch', '--event', 'close', 'fail'], `unexpected argument: "fail"; ${BEHIND}`],
  [['doctor', 'watch'], 'unexpected argument: "watch"; see tcptrace doctor --help'],

  [['watch', '--duration'], `--duration expects a value; ${WATCH_HELP}`],
  [['watch', '-p'], `--pid expects a value; ${WATCH_HELP}`],
  [['watch', '-c', '1', '-c', '2'], `--count can only be specified once; ${WATCH_HELP}`],

  [['watch', '--duration', '10'], '--duration: not a duration: "10"; write 10s, 500ms, 2m or 1h30m'],
  [['watch', '--duration', '0s'], '--duration: too short: "0s"; the shortest duration is 1ms'],
  [['watch', '--duration', '1000d'], '--duration: too long: "1000d"; the longest duration is 24d'],
  [['watch', '--buffer-size', '8X'], '--buffer-size: not a size: "8X"; write 64K, 8M or 8MiB'],
  [['watch', '--buffer-size', '2G'], '--buffer-size: out of range: "2G"; a size is 1 byte to 1G'],
  [['watch', '--count', '0'], '--count: not a count: "0"; write a whole number of at least 1'],
  [
    ['watch', '--max-connections', 'many'],
    `--max-connections: not a number of connections: "many"; ${INTEGER(67_108_864)}`,
  ],
  [['watch', '--port', '70000'], `--port: not a port: "70000"; ${INTEGER(65_535)}`],
  [['watch', '-P', '0'], `--port: not a port: "0"; ${INTEGER(65_535)}`],
  [['watch', '--pid', '-1'], `--pid: not a process id: "-1"; ${INTEGER(4_194_304)}`],
  [['watch', '--pid=0'], `--pid: not a process id: "0"; ${INTEGER(4_194_304)}`],
  [['watch', '--pid', '4194304'], '--pid: no such process: 4194304'],
  [
    ['watch', '-e', 'connects'],
    '--event: not an event: "connects"; write connect, accept, close, fail, open, lost',
  ],
  [
    ['watch', '--probe', 'xdp'],
    `--probe: "xdp" is none of auto, fentry, kprobe, tracepoint, proc; ${WATCH_HELP}`,
  ],
  [['watch', '--color', 'red'], `--color: "red" is none of auto, always, never; ${WATCH_HELP}`],
  [['doctor', '--color=red'], '--color: "red" is none of auto, always, never; see tcptrace doctor --help'],

  [['list', '--port', '70000'], `--port: not a port: "70000"; ${INTEGER(65_535)}`],
  [['list', '--pid', '4194304'], '--pid: no such process: 4194304'],
  [['list', '--duration', '1s'], 'unknown flag: --duration; see tcptrace list --help'],
  [['list', '--json', '--ndjson'], '--json and --ndjson exclude each other; give one of them'],
  [
    ['list', '--listening', '--not-rport', '80'],
    '--listening and --not-rport exclude each other; what listens has no remote end',
  ],
  [['list', '--all', '--listening'], '--listening and --all exclude each other; --all has what listens, too'],
  [['list', '--proc', '--btf', 'x'], '--btf is for eBPF; leave it out with --proc'],

  [['compare', 'one'], 'one recording has nothing to be compared with; name two, or none'],
  [['compare', '-', '-'], 'stdin can be read once only; name a file'],
  [['compare', 'a', 'b', 'c'], 'unexpected argument: "c"; see tcptrace compare --help'],
  [['compare', 'a', 'b', '--interval', '1s'], '--interval is for tracing; leave it out with recordings'],
  [['compare', '--strict'], '--strict is for recordings; leave it out'],
  [['compare', '--duration', 'long'], '--duration: not a duration: "long"; write 10s, 500ms, 2m or 1h30m'],
  [['compare', '--port', '0'], `--port: not a port: "0"; ${INTEGER(65_535)}`],

  [['watch', '-e', 'open', '--not-event', 'open'], '--not-event: nothing is left of --event'],
  [['replay'], 'missing argument: recording; see tcptrace replay --help'],
  [
    ['replay', 'x', '--speed', '0'],
    '--speed: not a speed: "0"; write 1 for as it happened, 10 for ten times faster, 1000000 at most',
  ],
  [
    ['replay', 'x', '--speed', '1000001'],
    '--speed: not a speed: "1000001"; write 1 for as it happened, 10 for ten times faster, 1000000 at most',
  ],
  [['replay', ''], 'not a file: ""; write its path'],
  [['compare', 'a', ''], 'not a file: ""; write its path'],
  [['replay', 'x', '--duration', '1s'], 'unknown flag: --duration; see tcptrace replay --help'],
  [['list', '--port', '90-80'], '--port: not a range: "90-80"; write the smaller port first'],
  [['list', '--lport', '80-'], `--lport: not a port: "80-"; ${INTEGER(65_535)}`],
  [['list', '--uid', '-1'], '--uid: not a user id: "-1"; write a whole number'],
  [['list', '--user', 'no-one-at-all'], '--user: no such user: "no-one-at-all"'],
  [
    ['list', '--addr', '10.0.0.0/33'],
    '--addr: not an address or network: "10.0.0.0/33"; write 10.0.0.1, 10.0.0.0/8, ::1 or fd00::/8',
  ],
  [
    ['list', '--not-raddr', 'localhost'],
    '--not-raddr: not an address or network: "localhost"; write 10.0.0.1, 10.0.0.0/8, ::1 or fd00::/8',
  ],
  [
    ['list', '--netns', 'nowhere'],
    '--netns: no such network namespace: "nowhere"; write a name of ip netns, a path, an inode, or the pid of a process in it',
  ],
  ...['/proc/self/ns/pid', '4294967296'].map((text): (typeof CASES)[number] => [
    ['list', '--netns', text],
    `--netns: no such network namespace: "${text}"; write a name of ip netns, a path, an inode, or the pid of a process in it`,
  ]),
  [
    ['list', '--cgroup', 'system.slice'],
    '--cgroup: not a cgroup: "system.slice"; write a path such as /system.slice/nginx.service',
  ],
  [['list', '--container', 'web,'], '--container: not a container: ""; write a name, or how an id begins'],
  // nothing of a recording is looked up
  [['replay', 'x', '--resolve'], 'unknown flag: --resolve; see tcptrace replay --help'],
  [['compare', '--users'], 'unknown flag: --users; see tcptrace compare --help'],
  [['top', '--columns', 'pid'], 'unknown flag: --columns; see tcptrace top --help'],
  [['list', '-o', 'csv'], 'unknown flag: -o; see tcptrace list --help'],
  [['replay', 'x', '--quiet=yes'], '--quiet: takes no value; write --quiet'],
  [['watch', '--output', ''], '--output: not a file: ""; write its path'],
  [['watch', '--output', '-'], '--output: not a file: "-"; write to stdout by leaving out --output'],
  [['watch', '--ready-file', '-'], '--ready-file: not a file: "-"; write its path'],
  [
    ['replay', 'x', '--output', '/dev/fd/3', '--rotate', '1M'],
    '--rotate is for files, and /dev/fd/3 is none; leave it out',
  ],

  [['top', '--by', 'user'], '--by: "user" is none of process, remote; see tcptrace top --help'],
  [
    ['top', '--sort', 'pid'],
    '--sort: "pid" is none of new, open, total, fails, tx, rx, rtt; see tcptrace top --help',
  ],
  [['top', '--rows', '0'], `--rows: not a count: "0"; write a whole number of at least 1`],
  [['top', '--interval', '1'], '--interval: not a duration: "1"; write 10s, 500ms, 2m or 1h30m'],
  [['top', '--event', 'fail'], 'unknown flag: --event; see tcptrace top --help'],
  [['top', '--proc', '--buffer-size', '1M'], '--buffer-size is for eBPF; leave it out with --proc'],

  // what would have no effect
  [['watch', '--interval', '1s'], '--interval is between scans of /proc; give it with --proc'],
  [
    ['watch', '--interval', '1s', '--probe', 'auto'],
    '--interval is between scans of /proc; give it with --proc',
  ],
  [['watch', '--proc', '--interval', '1'], '--interval: not a duration: "1"; write 10s, 500ms, 2m or 1h30m'],
  [
    ['watch', '--proc', '--probe', 'kprobe'],
    '--proc and --probe kprobe exclude each other; give one of them',
  ],
  [['watch', '--proc', '--buffer-size', '8M'], '--buffer-size is for eBPF; leave it out with --proc'],
  [
    ['watch', '--probe', 'proc', '--max-connections', '9'],
    '--max-connections is for eBPF; leave it out with --proc',
  ],
  [
    ['watch', '--proc', '-e', 'connect,fail'],
    '--event fail: /proc does not show what failed; leave it out with --proc',
  ],
  [
    ['watch', '--proc', '--columns', 'comm,tx'],
    '--columns tx: /proc does not show that; leave it out with --proc',
  ],
  [['top', '--proc', '--sort', 'fails'], '--sort fails: /proc does not show that; leave it out with --proc'],
  [
    ['watch', '--proc', '--fail-on-loss'],
    '--fail-on-loss: what scans of /proc miss is not counted; leave it out with --proc',
  ],

  // lists: repeated, with commas, and one of them wrong
  [['watch', '-P', '80,443', '-P', '22,x'], `--port: not a port: "x"; ${INTEGER(65_535)}`],
  [['watch', '-P', '80,', '-P', '22'], `--port: not a port: ""; ${INTEGER(65_535)}`],
  [['watch', '-p', '1', '-p', '1,4194304'], '--pid: no such process: 4194304'],
  [
    ['watch', '-e', 'close,fail', '-e', 'open,closed'],
    '--event: not an event: "closed"; write connect, accept, close, fail, open, lost',
  ],
];

describe('wrong usage', function () {
  this.slow(1000);

  for (const [args, complaint] of CASES) {
    const words = args.map((word) => (/^[\w,.=:-]+$/.test(word) ? word : JSON.stringify(word)));
    it(`tcptrace ${words.join(' ').slice(0, 60)}`, () => {
      assertRefused(tcptrace(args), 2, complaint);
    });
  }

  it('is the same when nobody reads what is said', () => {
    const {status, stderr} = shell('tcptrace nonsense 2>&1 | true; exit ${PIPESTATUS[0]}');
    assert.deepEqual([status, stderr], [2, '']);
  });
});
