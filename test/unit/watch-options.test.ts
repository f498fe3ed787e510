import assert from 'node:assert/strict';
import {statSync} from 'node:fs';
import {NO_FILTER} from '#dist/filter/filter.js';
import {type Given, readFlags} from '#dist/cli/flags/parse/define.js';
import {readWatchOptions, watchFlags} from '#dist/cli/watch/options.js';
import {TcptraceError} from '#dist/model/errors.js';

const SELF = String(process.pid);

/** Larger than any pid (PID_MAX_LIMIT). */
const NOBODY = '4194304';

type Texts = Readonly<Partial<Record<keyof typeof watchFlags, Given>>>;

/** Options from the texts of flags; the others are not given. */
function read(texts: Texts, words?: readonly string[]) {
  return readWatchOptions(readFlags(watchFlags, texts), words);
}

describe('options of watch', () => {
  it('without flags', () => {
    assert.deepEqual(read({}), {
      source: 'auto',
      filter: {events: ['connect', 'accept', 'close', 'fail', 'update', 'lost'], ...NO_FILTER},
      limits: {bufferSizeBytes: 8_388_608, maxConnections: 262_144},
      intervalMs: 1000,
      durationMs: undefined,
      count: undefined,
      format: 'table',
      header: true,
      exact: false,
      columns: undefined,
      time: 'absolute',
      output: undefined,
      truncate: false,
      rotation: undefined,
      nameColumns: [],
      withNames: false,
      stats: false,
      readyFile: undefined,
      remarks: [],
      color: 'auto',
      quiet: false,
      reportFd: undefined,
      netnsPaths: [],
      failOnLoss: false,
      metrics: undefined,
      hiddenKinds: [],
      statsUpdates: false,
    });
  });

  it('with all flags', () => {
    const options = read({
      probe: 'kprobe',
      'buffer-size': '64K',
      'max-connections': '1',
      event: ['open', 'close,fail', 'close'],
      pid: [SELF, `1,${SELF}`],
      port: ['443,5432', '65535', '1'],
      ipv4: true,
      ipv6: true,
      duration: '1m30s',
      count: '9007199254740991',
      columns: ['PID,comm', 'rx,time'],
      time: 'delta',
      output: 'file',
      truncate: true,
      rotate: '1M,1d',
      keep: '3',
      compress: true,
      stats: true,
      'ready-file': 'ready',
      color: 'never',
      quiet: true,
      'fail-on-loss': true,
    });
    assert.deepEqual(options, {
      source: 'kprobe',
      filter: {
        events: ['open', 'close', 'fail', 'update'],
        ...NO_FILTER,
        pids: [process.pid, 1],
        families: [4, 6],
        endpoints: [
          {
            kind: 'include',
            tests: [443, 5432, 65_535, 1].map((port) => ({endpoint: 'either', ports: [port, port]})),
          },
        ],
      },
      limits: {bufferSizeBytes: 65_536, maxConnections: 1},
      intervalMs: 1000,
      durationMs: 90_000,
      count: Number.MAX_SAFE_INTEGER,
      format: 'table',
      header: true,
      exact: false,
      columns: ['pid', 'comm', 'rx', 'time'],
      time: 'delta',
      nameColumns: [],
      withNames: false,
      output: 'file',
      truncate: true,
      rotation: {bytes: 1_048_576, periodMs: 86_400_000, keep: 3, compress: true},
      stats: true,
      readyFile: 'ready',
      remarks: [],
      color: 'never',
      quiet: true,
      reportFd: undefined,
      netnsPaths: [],
      failOnLoss: true,
      metrics: undefined,
      hiddenKinds: ['update'],
      statsUpdates: true,
      updatesOnRequest: true,
    });
  });

  const WRONG: Record<string, readonly string[]> = {
    pid: ['', '0', '-1', '+1', '1.5', '1e3', '0x1', '4194305', 'self', '1;2', '99999999999999999999'],
    port: ['', '0', '-1', '65536', '70000', 'no-service', '90-80', '80-', '80-90-95', '80.0', '8O'],
    event: ['', 'connects', 'Connect', 'all', 'connect;close'],
    count: ['', '0', '-1', '1.5', '1e3', 'all', '9007199254740992'],
    'max-connections': ['', '0', '-1', '67108865', '1K'],
    'buffer-size': ['', '0', '-1', '2G', '8X'],
    duration: ['', '0s', '10 s', '-1s', '25d', 'forever'],
    interval: ['', '0s', '1x', '-1s', '25d', 'often'],
  };
  const LISTS = new Set(['pid', 'port', 'event']);

  function assertWrong(flag: string, value: string | string[], culprit: string): void {
    assert.throws(
      () => read({[flag]: value}),
      (error) =>
        error instanceof TcptraceError &&
        error.exitCode === 2 &&
        error.message.startsWith(`--${flag}: `) &&
        error.message.includes(JSON.stringify(culprit)) &&
        error.hint !== undefined,
      `${flag} ${JSON.stringify(value)}`,
    );
  }

  for (const [flag, values] of Object.entries(WRONG)) {
    it(`invalid: --${flag}`, () => {
      for (const value of values) assertWrong(flag, LISTS.has(flag) ? [value] : value, value);
    });
  }

  it('one invalid value among valid ones', () => {
    const good: Record<string, string> = {pid: SELF, port: '80', event: 'close'};
    for (const [flag, value] of Object.entries(good)) {
      assertWrong(flag, [value, `${value},x`], 'x');
      assertWrong(flag, [`x,${value}`], 'x');
      assertWrong(flag, [`${value},`], '');
      assertWrong(flag, [`,${value}`, value], '');
    }
  });

  it('endpoints: one predicate for each flag and each sense', () => {
    const {endpoints} = read({
      rport: ['80,8000-8100'],
      'not-rport': ['8080'],
      laddr: ['10.0.0.0/8', '::1'],
      'no-loopback': true,
    }).filter;
    assert.deepEqual(endpoints, [
      {
        kind: 'include',
        tests: [
          {endpoint: 'remote', ports: [80, 80]},
          {endpoint: 'remote', ports: [8000, 8100]},
        ],
      },
      {kind: 'exclude', tests: [{endpoint: 'remote', ports: [8080, 8080]}]},
      {
        kind: 'include',
        tests: [
          {endpoint: 'local', network: {address: '10.0.0.0', prefixLength: 8}},
          {endpoint: 'local', network: {address: '::1', prefixLength: 128}},
        ],
      },
      {
        kind: 'exclude',
        tests: [
          {endpoint: 'either', network: {address: '127.0.0.0', prefixLength: 8}},
          {endpoint: 'either', network: {address: '::1', prefixLength: 128}},
        ],
      },
    ]);
  });

  it('a user is a uid for the kernel, except together with --uid', () => {
    assert.deepEqual(read({user: ['root']}).filter.uids, [0]);
    const {uids, ownerPredicates} = read({user: ['root'], uid: ['7']}).filter;
    assert.deepEqual([uids, ownerPredicates.length], [[7], 1]);
  });

  it('negated users are always uids', () => {
    const {uids, excludeUids, ownerPredicates} = read({
      user: ['root'],
      'not-uid': ['7'],
      'not-user': ['daemon'],
    }).filter;
    assert.deepEqual([uids, excludeUids, ownerPredicates], [[0], [7, 1], []]);
  });

  it('every list of owners', () => {
    const netns = statSync('/proc/self/ns/net').ino;
    const {
      pids,
      excludePids,
      netns: inodes,
      excludeNetns,
      comms,
      excludeComms,
    } = read({
      pid: [SELF],
      'not-pid': ['1'],
      netns: [SELF],
      'not-netns': [SELF],
      comm: ['a*', 'b'],
      'not-comm': ['c?'],
    }).filter;
    assert.deepEqual(
      [pids, excludePids, inodes, excludeNetns, comms, excludeComms],
      [[process.pid], [1], [netns], [netns], ['a*', 'b'], ['c?']],
    );
  });

  it('a command: its descendants, not those of tcptrace', () => {
    const {command, follow, filter, source} = read({}, ['ls', '-l']);
    assert.deepEqual(
      {command, follow, pids: filter.pids, source},
      {
        command: {words: ['ls', '-l'], asRoot: false, durationMs: undefined},
        follow: {pids: [], childrenOf: process.pid},
        pids: [],
        source: 'ebpf',
      },
    );
  });

  it('followed processes are not a filter as well', () => {
    const {command, follow, filter} = read({pid: [SELF], follow: true});
    assert.deepEqual(
      {command, follow, pids: filter.pids},
      {command: undefined, follow: {pids: [process.pid]}, pids: []},
    );
  });

  it('excluded events', () => {
    assert.deepEqual(read({'not-event': ['close,accept']}).filter.events, [
      'connect',
      'fail',
      'update',
      'lost',
    ]);
    assert.deepEqual(read({event: ['open,close'], 'not-event': ['open']}).filter.events, ['close']);
    assert.throws(
      () => read({event: ['open'], 'not-event': ['open']}),
      new TcptraceError('--not-event excludes every kind that --event includes', 2),
    );
  });

  describe('--proc', () => {
    it('is --probe proc', () => {
      for (const flags of [{proc: true}, {probe: 'proc'}, {proc: true, probe: 'proc'}] as const) {
        const {source, intervalMs} = read({...flags, interval: '250ms'});
        assert.deepEqual([source, intervalMs], ['proc', 250]);
      }
    });

    function assertRefused(flags: Texts, message: string, hint: string): void {
      assert.throws(() => read(flags), new TcptraceError(message, 2, hint));
    }

    it('and another probe cannot be combined', () => {
      for (const probe of ['auto', 'fentry', 'kprobe', 'tracepoint'] as const)
        assertRefused(
          {proc: true, probe},
          `--proc and --probe ${probe} cannot be combined`,
          'give one of them',
        );
    });

    it('refuses flags for eBPF, even with their default values', () => {
      const hint = 'leave it out with --proc';
      for (const flags of [{proc: true}, {probe: 'proc'}] as const) {
        assertRefused({...flags, 'buffer-size': '8M'}, '--buffer-size applies to eBPF', hint);
        assertRefused({...flags, 'max-connections': '262144'}, '--max-connections applies to eBPF', hint);
      }
    });

    it('refuses what scans cannot show', () => {
      const hint = 'leave it out with --proc';
      const message = '--event fail: /proc does not show failed connects';
      assertRefused({proc: true, event: ['connect,fail']}, message, hint);
      assertRefused(
        {proc: true, 'fail-on-loss': true},
        '--fail-on-loss: connections that scans of /proc miss are not counted',
        hint,
      );
      assert.deepEqual(read({proc: true, event: ['open', 'close']}).filter.events, ['open', 'close']);
    });

    it('--interval is refused without it', () => {
      for (const probe of [undefined, 'auto', 'fentry', 'kprobe', 'tracepoint'] as const)
        assertRefused({probe, interval: '1s'}, '--interval applies to scans of /proc', 'add --proc');
    });
  });

  it('a process that does not exist', () => {
    assert.throws(
      () => read({pid: [SELF, NOBODY]}),
      new TcptraceError(`--pid: no such process: ${NOBODY}`, 2),
    );
  });

  it('white space separates values, except in names', () => {
    assert.deepEqual(read({pid: [`${SELF}\n1`]}).filter.pids, [process.pid, 1]);
    assert.deepEqual(read({event: [' close, fail open ']}).filter.events, ['close', 'fail', 'open']);
    assert.deepEqual(read({comm: ['tmux: server,curl']}).filter.comms, ['tmux: server', 'curl']);
  });

  it('a service is a port, and localhost its two addresses', () => {
    assert.deepEqual(read({port: ['https'], raddr: ['localhost']}).filter.endpoints, [
      {kind: 'include', tests: [{endpoint: 'either', ports: [443, 443]}]},
      {
        kind: 'include',
        tests: [
          {endpoint: 'remote', network: {address: '127.0.0.1', prefixLength: 32}},
          {endpoint: 'remote', network: {address: '::1', prefixLength: 128}},
        ],
      },
    ]);
  });

  it('a number alone is seconds', () => {
    assert.equal(read({duration: '5'}).durationMs, 5000);
    assert.equal(read({duration: '0.5'}).durationMs, 500);
  });

  it('suggests a similar word', () => {
    assert.throws(
      () => read({columns: ['comn']}),
      new TcptraceError('--columns: invalid value "comn"', 2, 'did you mean "comm"?'),
    );
  });

  it('cuts long values in messages', () => {
    assert.throws(
      () => read({port: ['x'.repeat(1000)]}),
      (error) => error instanceof TcptraceError && error.message.length < 120,
    );
  });

  it('-n is the default, and conflicts with -r', () => {
    assert.deepEqual(read({numeric: true}), read({}));
    assert.throws(
      () => read({numeric: true, resolve: true}),
      new TcptraceError('--numeric and --resolve cannot be combined', 2, 'give one of them'),
    );
  });
});
