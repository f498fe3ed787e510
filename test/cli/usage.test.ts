/** Invalid command lines: code 2, one line with a remedy, and nothing was traced. */
import assert from 'node:assert/strict';
import {COMMANDS, refusalOf} from '../helpers/commands.js';
import {assertRefused, shell, tcptrace} from './run.js';

const WATCH_HELP = 'see tcptrace watch --help';
const AFTER = 'to trace a command, put it after `--`: tcptrace watch --';
const UP_TO = (max: number): string => `from 1 to ${String(max)}`;

type Case = readonly [args: readonly string[], complaint: string];

/** Refused while the command line is read. */
const CASES: readonly Case[] = [
  [['nonsense'], 'unknown command: "nonsense"; see tcptrace --help'],
  [['help', 'nonsense'], 'unknown command: "nonsense"; see tcptrace --help'],
  [['nonsense', '--help'], 'unknown command: "nonsense"; see tcptrace --help'],
  [['watch:doctor'], 'unknown command: "watch:doctor"; see tcptrace --help'],
  [[''], 'unknown command: ""; see tcptrace --help'],
  [['a\nb\x1b[2J'], 'unknown command: "a b\\x1b[2J"; see tcptrace --help'],
  [['--nonsense'], 'unknown flag: --nonsense; see tcptrace --help'],

  [['watch', '--nonsense'], `unknown flag: --nonsense; ${WATCH_HELP}`],
  [['watch', '-x'], `unknown flag: -x; ${WATCH_HELP}`],
  [['watch', '--jsn'], 'unknown flag: --jsn; did you mean --json?'],
  [['doctor', '--time', 'delta'], 'unknown flag: --time; it is a flag of replay, top, watch'],
  [['list', '--stats'], 'unknown flag: --stats; it is a flag of replay, watch'],
  [['compare', '--rotate', '1M'], 'unknown flag: --rotate; it is a flag of replay, watch'],
  [['watch', 'extra'], `unexpected argument: "extra"; ${AFTER} extra`],
  [['watch', '-q', 'curl', '-s', 'URL'], `unexpected argument: "curl"; ${AFTER} curl -s URL`],
  [['watch', 'extra', '--', 'curl'], `unexpected argument: "extra"; ${AFTER} extra`],
  [['list', '--', 'curl'], 'unexpected argument: "curl"; see tcptrace list --help'],
  [['watch', '--'], 'no command after `--`'],
  [['watch', '-p', '1', '--', 'ls'], '--pid and a command cannot be combined; give one of them'],
  [['watch', '-c', '1', '--', 'ls'], '--count and a command cannot be combined; give one of them'],
  [
    ['watch', '--proc', '--update', '1s'],
    '--update: /proc does not show bytes and round-trip time; leave it out with --proc',
  ],
  [
    ['watch', '--probe', 'proc', '--update', '1s'],
    '--update: /proc does not show bytes and round-trip time; leave it out with --proc',
  ],
  [
    ['compare', '--not-raddr', 'fe80::1%eth0'],
    '/proc does not show the interfaces of link-local addresses; leave out the zone, such as %eth0',
  ],
  [
    ['watch', '--addr', 'fd00::1%eth0'],
    '--addr: zone "eth0": only link-local addresses (fe80::/10) have one; leave it out',
  ],
  [['watch', '--proc', '--peers'], '--peers: not available from /proc; leave it out with --proc'],
  [['top', '--proc', '--peers'], '--peers: not available from /proc; leave it out with --proc'],
  [['top', '--by', 'user', '--peers'], '--peers applies to connections; leave out --by user'],
  [['watch', '--event', 'update'], '--event update needs an interval; add --update 1s'],
  [
    ['watch', '--event', 'close', '--update', '1s'],
    '--update: no update is printed; add update to --event, or leave --update out',
  ],
  [['watch', '--proc', '--', 'ls'], 'scans of /proc cannot follow processes; leave out --proc'],
  [['watch', '--ndjson', '--wide'], '--wide and --ndjson cannot be combined; give one of them'],
  [['watch', '-o', 'csv', '--columns', 'pid'], '--columns applies to the table only; leave it out with csv'],
  [['replay', 'x', '--ndjson', '--time', 'delta'], '--time applies to tables only; leave it out with ndjson'],
  [
    ['watch', '--columns', 'pid,comm', '--time', 'delta'],
    '--time applies to the column time; add it to --columns',
  ],
  [['watch', '--rotate', '1M'], '--rotate needs a file; add --output FILE'],
  [
    ['watch', '-o', 'xml'],
    '--format: invalid value "xml"; use table, wide, compact, json, ndjson, csv, none',
  ],
  [['watch', '--follow'], '--follow needs processes; add --pid PID'],
  [['watch', '--as-root'], '--as-root applies to a command; put it after `--`'],
  [['watch', ''], `unexpected argument: ""; ${AFTER} `],
  [['watch', '--event', 'close', 'fail'], `unexpected argument: "fail"; ${AFTER} fail`],
  [['doctor', 'watch'], 'unexpected argument: "watch"; see tcptrace doctor --help'],

  [['watch', '--duration'], `--duration expects a value; ${WATCH_HELP}`],
  [['watch', '-p'], `--pid expects a value; ${WATCH_HELP}`],
  [['list', '--nonsens', '--pid'], 'unknown flag: --nonsens; see tcptrace list --help'],
  [['lits'], 'unknown command: "lits"; did you mean "list"?'],
  [['watch', '--prot', '80'], 'unknown flag: --prot; did you mean --port?'],
  [['list', '--port', '80', '443', '70000'], `--port: invalid value "70000"; use a port ${UP_TO(65_535)}`],
  [['completion', 'tcsh'], 'invalid value "tcsh"; use bash, zsh, fish'],
  [['watch', '-c', '1', '-c', '2'], `--count can only be specified once; ${WATCH_HELP}`],

  [
    ['watch', '--duration', '10 s'],
    '--duration: invalid value "10 s"; use a duration such as 10s, 500ms, 2m or 1h30m',
  ],
  [['watch', '--duration', '0s'], '--duration: invalid value "0s"; the shortest duration is 1ms'],
  [['watch', '--duration', '1000d'], '--duration: invalid value "1000d"; the longest duration is 24d'],
  [['watch', '--buffer-size', '8X'], '--buffer-size: invalid value "8X"; use a size such as 64K, 8M or 8MiB'],
  [['watch', '--buffer-size', '2G'], '--buffer-size: invalid value "2G"; use a size from 1 to 1G'],
  [['watch', '--count', '0'], '--count: invalid value "0"; use a whole number of at least 1'],
  [
    ['watch', '--max-connections', 'many'],
    `--max-connections: invalid value "many"; use a number ${UP_TO(67_108_864)}`,
  ],
  [['watch', '--port', '70000'], `--port: invalid value "70000"; use a port ${UP_TO(65_535)}`],
  [['watch', '-P', '0'], `--port: invalid value "0"; use a port ${UP_TO(65_535)}`],
  [['watch', '--pid', '-1'], `--pid: invalid value "-1"; use a process id ${UP_TO(4_194_304)}`],
  [['watch', '--pid=0'], `--pid: invalid value "0"; use a process id ${UP_TO(4_194_304)}`],
  [['watch', '--pid', '4194304'], '--pid: no such process: 4194304'],
  [['watch', '-e', 'connects'], '--event: invalid value "connects"; did you mean "connect"?'],
  [['watch', '--probe', 'xdp'], '--probe: invalid value "xdp"; use auto, fentry, kprobe, tracepoint, proc'],
  [['watch', '--color', 'red'], '--color: invalid value "red"; use auto, always, never'],
  [['doctor', '--color=red'], '--color: invalid value "red"; use auto, always, never'],

  [['list', '--port', '70000'], `--port: invalid value "70000"; use a port ${UP_TO(65_535)}`],
  [['list', '--pid', '4194304'], '--pid: no such process: 4194304'],
  [['list', '--duration', '1s'], 'unknown flag: --duration; it is a flag of compare, map, top, watch'],
  [['list', '--host-name', 'a'], '--host-name does not apply to the table; add --json or --ndjson'],
  [['join', '-', '-'], 'stdin can be read only once; give - once'],
  [['map', 'x', '--duration', '1s'], '--duration applies to tracing; leave it out with recordings'],
  [['map', 'x', '--listening'], '--listening applies to tracing; leave it out with recordings'],
  [['map', '--strict'], '--strict applies to recordings; leave it out'],
  [['map', 'x', '--serve'], '--serve applies to tracing; leave it out with recordings'],
  [['map', '--serve', 'x'], '--serve applies to tracing; leave it out with recordings'],
  [
    ['map', '--serve', 'name:80'],
    '--serve: invalid value "name:80"; use a port, or address and port such as 0.0.0.0:8080 or [::1]:8080',
  ],
  [['map', '--serve', '-o', 'json'], '--format and --serve cannot be combined; the page has its own format'],
  [['map', 'x', '-o', 'dot', '--columns', 'from'], '--columns applies to tables; leave it out with dot'],
  [['list', '--json', '--ndjson'], '--json and --ndjson cannot be combined; give one of them'],
  [
    ['list', '--listening', '--not-rport', '80'],
    '--listening and --not-rport cannot be combined; a listener has no remote endpoint',
  ],
  [['list', '--all', '--listening'], '--listening and --all cannot be combined; --all includes listeners'],
  [['list', '--proc', '--btf', 'x'], '--btf applies to eBPF; leave it out with --proc'],

  [['compare', 'one'], 'one recording cannot be compared; give two recordings, or none'],
  [['compare', '-', '-'], 'stdin can be read only once; name a file'],
  [['compare', 'a', 'b', 'c'], 'unexpected argument: "c"; see tcptrace compare --help'],
  [['compare', 'a', 'b', '--interval', '1s'], '--interval applies to tracing; leave it out with recordings'],
  [['compare', '--strict'], '--strict applies to recordings; leave it out'],
  [
    ['compare', '--duration', 'long'],
    '--duration: invalid value "long"; use a duration such as 10s, 500ms, 2m or 1h30m',
  ],
  [['compare', '--port', '0'], `--port: invalid value "0"; use a port ${UP_TO(65_535)}`],

  [['watch', '-e', 'open', '--not-event', 'open'], '--not-event excludes every kind that --event includes'],
  [['replay'], 'no recording; name a file, or pipe one to tcptrace replay'],
  [
    ['replay', 'x', '--speed', '0'],
    '--speed: invalid value "0"; use 1 for the original speed, 10 for ten times as fast; the maximum is 1000000',
  ],
  [
    ['replay', 'x', '--speed', '1000001'],
    '--speed: invalid value "1000001"; use 1 for the original speed, 10 for ten times as fast; the maximum is 1000000',
  ],
  [['replay', ''], 'invalid value ""; use the path of a file'],
  [['compare', 'a', ''], 'invalid value ""; use the path of a file'],
  [['replay', 'x', '--duration', '1s'], 'unknown flag: --duration; it is a flag of compare, map, top, watch'],
  [['list', '--port', '90-80'], '--port: invalid value "90-80"; put the smaller port first'],
  [['list', '--lport', '80-'], `--lport: invalid value "80-"; use a port ${UP_TO(65_535)}`],
  [['list', '--uid', '-1'], '--uid: invalid value "-1"; use a user id, or --user for a name'],
  [['list', '--user', 'no-one-at-all'], '--user: no such user: "no-one-at-all"'],
  [
    ['list', '--addr', '10.0.0.0/33'],
    '--addr: invalid value "10.0.0.0/33"; use an address or network such as 10.0.0.1, 10.0.0.0/8, ::1 or fe80::1%eth0',
  ],
  [
    ['list', '--not-raddr', 'no-host'],
    '--not-raddr: invalid value "no-host"; use an address, a network such as 10.0.0.0/8, or a name of /etc/hosts',
  ],
  [
    ['list', '--netns', 'nowhere'],
    `--netns: no such network namespace: "nowhere"; use a name of 'ip netns', a path, an inode, or the pid of a process in it`,
  ],
  ...['/proc/self/ns/pid', '4294967296'].map((text): Case => [
    ['list', '--netns', text],
    `--netns: no such network namespace: "${text}"; use a name of 'ip netns', a path, an inode, or the pid of a process in it`,
  ]),
  [
    ['list', '--cgroup', 'system.slice'],
    '--cgroup: invalid value "system.slice"; use a path such as /system.slice/nginx.service',
  ],
  [
    ['list', '--container', 'web,'],
    '--container: invalid value ""; use the name of a container, or the beginning of its id',
  ],
  // names are not looked up for recordings
  [['replay', 'x', '--resolve'], 'unknown flag: --resolve; it is a flag of list, map, top, watch'],
  [['compare', '--users'], 'unknown flag: --users; it is a flag of list, map, top, watch'],
  [['top', '--columns', 'rtts'], '--columns: invalid value "rtts"; did you mean "rtt"?'],
  [['compare', '--no-header', '--json'], '--no-header applies to tables and csv; leave it out with json'],
  [
    ['watch', '--json', '--output', '/dev/null', '--rotate', '1M'],
    '--rotate divides the JSON document; use ndjson',
  ],
  [
    ['compare', 'x', 'y', '--misses', '-o', 'csv'],
    '--misses: csv has a row for each source; use -o json or a table',
  ],
  [['top', '-o', 'csv', '--time', 'delta'], '--time applies to tables only; leave it out with csv'],
  [['list', '-o', 'csv', '--columns', 'pid'], '--columns applies to the table only; leave it out with csv'],
  [['replay', 'x', '--quiet=yes'], '--quiet: takes no value; write --quiet'],
  [['watch', '--output', ''], '--output: invalid value ""; use the path of a file'],
  [
    ['watch', '--output', '-'],
    '--output: invalid value "-"; use the path of a file; without the flag, output goes to stdout',
  ],
  [
    ['watch', '--ready-file', '-'],
    '--ready-file: invalid value "-"; use the path of a file; without the flag, output goes to stdout',
  ],
  [
    ['replay', 'x', '--output', '/dev/fd/3', '--rotate', '1M'],
    '--rotate needs a regular file, and /dev/fd/3 is not one; leave out --rotate',
  ],

  [
    ['top', '--by', 'moon'],
    '--by: invalid value "moon"; use process, program, connection, remote, lport, user, container, pod',
  ],
  [
    ['top', '--sort', 'pid'],
    '--sort: invalid value "pid"; use rate, new, open, total, fails, tx, rx, rtt, retrans',
  ],
  [['top', '--json', '-o', 'table'], '--format and --json cannot be combined; give one of them'],
  [['top', '--rows', '0'], `--rows: invalid value "0"; use a whole number of at least 1`],
  [
    ['top', '--interval', '1x'],
    '--interval: invalid value "1x"; use a duration such as 10s, 500ms, 2m or 1h30m',
  ],
  [['top', '--event', 'fail'], 'unknown flag: --event; it is a flag of replay, watch'],
  [['top', '--proc', '--buffer-size', '1M'], '--buffer-size applies to eBPF; leave it out with --proc'],

  // flags without effect
  [['watch', '--interval', '1s'], '--interval applies to scans of /proc; add --proc'],
  [['watch', '--interval', '1s', '--probe', 'auto'], '--interval applies to scans of /proc; add --proc'],
  [
    ['watch', '--proc', '--interval', '1x'],
    '--interval: invalid value "1x"; use a duration such as 10s, 500ms, 2m or 1h30m',
  ],
  [
    ['watch', '--proc', '--probe', 'kprobe'],
    '--proc and --probe kprobe cannot be combined; give one of them',
  ],
  [['watch', '--proc', '--buffer-size', '8M'], '--buffer-size applies to eBPF; leave it out with --proc'],
  [
    ['watch', '--probe', 'proc', '--max-connections', '9'],
    '--max-connections applies to eBPF; leave it out with --proc',
  ],
  [
    ['watch', '--proc', '-e', 'connect,fail'],
    '--event fail: /proc does not show failed connects; leave it out with --proc',
  ],
  [
    ['watch', '--proc', '--columns', 'comm,tx'],
    '--columns tx: not available from /proc; leave it out with --proc',
  ],
  [['top', '--proc', '--sort', 'rate'], '--sort rate: not available from /proc; leave it out with --proc'],
  [['top', '--proc', '--sort', 'fails'], '--sort fails: not available from /proc; leave it out with --proc'],
  [
    ['watch', '--proc', '--fail-on-loss'],
    '--fail-on-loss: connections that scans of /proc miss are not counted; leave it out with --proc',
  ],

  // lists: repeated, with commas, one value invalid
  [['watch', '-P', '80,443', '-P', '22,x'], `--port: invalid value "x"; use a port ${UP_TO(65_535)}`],
  [['watch', '-P', '80,', '-P', '22'], `--port: invalid value ""; use a port ${UP_TO(65_535)}`],
  [['watch', '-p', '1', '-p', '1,4194304'], '--pid: no such process: 4194304'],
  [
    ['watch', '-e', 'close,fail', '-e', 'open,closed'],
    '--event: invalid value "closed"; did you mean "close"?',
  ],
];

/** Refused by the command itself. */
const LATER: readonly Case[] = [
  [
    ['watch', '--proc', '--addr', 'fe80::1%eth0'],
    '/proc does not show the interfaces of link-local addresses; leave out the zone, such as %eth0',
  ],
  [
    ['list', '--proc', '--laddr', 'fe80::/10%eth0'],
    '/proc does not show the interfaces of link-local addresses; leave out the zone, such as %eth0',
  ],
  [['doctor', '--truncate'], '--truncate needs a file; add --output FILE'],
];

describe('invalid command line', function () {
  this.slow(1000);

  const title = (args: readonly string[]): string => {
    const words = args.map((word) => (/^[\w,.=:-]+$/.test(word) ? word : JSON.stringify(word)));
    return `tcptrace ${words.join(' ').slice(0, 60)}`;
  };
  // One case of each command runs the program; after reading the command line, the others would differ in nothing.
  const seen = new Set<string | undefined>();
  for (const [args, complaint] of CASES) {
    const [name, ...rest] = args;
    const command = seen.has(name) ? COMMANDS.find((candidate) => candidate.name === name) : undefined;
    seen.add(name);
    it(title(args), async () => {
      if (command) assert.deepEqual(await refusalOf(command, rest), {line: complaint, exitCode: 2});
      else assertRefused(tcptrace(args), 2, complaint);
    });
  }
  for (const [args, complaint] of LATER)
    it(title(args), () => {
      assertRefused(tcptrace(args), 2, complaint);
    });

  it('exits with the same code if stderr has no reader', () => {
    const {status, stderr} = shell('tcptrace nonsense 2>&1 | true; exit ${PIPESTATUS[0]}');
    assert.deepEqual([status, stderr], [2, '']);
  });
});
