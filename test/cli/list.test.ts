/** `tcptrace list` as users call it: forms of output, pipes, privileges. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import type {OpenSocket} from '#dist/model/socket.js';
import {Actor} from '../helpers/actor.js';
import {connectPair, type Pair} from '../helpers/pair.js';
import {skip} from '../helpers/suite.js';
import {Installation, NOBODY} from './nobody.js';
import {assertRefused, IS_ROOT, type Result, run, shell, tcptrace} from './run.js';

/** About network namespaces that other tests or containers have at that time. */
const UNREAD = /(tcptrace: without sockets that no process holds in [^\n]+\n)?/;
const FALLBACK = /tcptrace: eBPF is not available \(not permitted: CAP_BPF, .* missing\); using \/proc\n/;

describe('list', function () {
  this.slow(2000);
  this.timeout(60_000);

  let actor: Actor;
  let pair: Pair;
  let ours: readonly string[];

  before(async () => {
    actor = await Actor.start();
    await actor.setComm(Buffer.from('1b5b324a0a22', 'hex'));
    pair = await connectPair(actor, '127.0.0.1');
    ours = ['--port', String(pair.listener.port)];
  });

  after(async () => {
    await actor[Symbol.asyncDispose]();
  });

  function assertOurs(sockets: readonly OpenSocket[], source: OpenSocket['source']): void {
    const wanted = [pair.client, pair.server].map(({inode, direction}) => [source, inode, direction]);
    const actual = sockets.map((socket) => [socket.source, socket.inode, socket.direction]);
    assert.deepEqual(actual.sort(), wanted.sort());
    for (const {pid, comm, state} of sockets)
      assert.deepEqual([pid, comm, state], [actor.pid, '\x1b[2J\n"', 'established']);
  }

  function parse({stdout, stderr, status}: Result): string {
    assert.deepEqual([stderr, status], ['', 0]);
    return stdout;
  }

  for (const way of ['ebpf', 'proc'] as const) {
    describe(way, () => {
      const flags = way === 'proc' ? ['--proc'] : [];

      before(function () {
        if (way === 'ebpf' && !IS_ROOT) skip(this, 'eBPF takes root');
      });

      it('--json: one array', () => {
        assertOurs(
          JSON.parse(parse(tcptrace(['list', '-q', ...flags, ...ours, '--json']))) as OpenSocket[],
          way,
        );
      });

      it('--ndjson: one line each', () => {
        const lines = parse(tcptrace(['list', '-q', ...flags, ...ours, '--ndjson']))
          .trimEnd()
          .split('\n');
        assertOurs(
          lines.map((line) => JSON.parse(line) as OpenSocket),
          way,
        );
      });

      it('a table: a header and a safe row each, columns aligned', () => {
        const [header = '', ...rows] = parse(tcptrace(['list', '-q', ...flags, ...ours]))
          .trimEnd()
          .split('\n');
        assert.match(header, /^STATE +PID +UID +COMM +LOCAL +REMOTE +DIR +TX +RX +RTT +NETNS +INODE$/);
        assert.equal(rows.length, 2);
        for (const row of rows) {
          assert.match(
            row,
            /^established +\d+ +\d+ \\x1b\[2J\\x0a" +127\.0\.0\.1:\d+ +127\.0\.0\.1:\d+ +(in|out) +[\d-]+ +[\d-]+ +[\w.-]+ +\d+ +\d+$/,
          );
          assert.equal(row.indexOf('127.0.0.1'), header.indexOf('LOCAL'));
        }
      });

      it('--sort: largest first, sockets without the number last', async () => {
        await pair.client.send(100);
        await pair.server.poll('in');
        const inodes = (key: string): unknown[] =>
          (
            JSON.parse(
              parse(tcptrace(['list', '-q', ...flags, ...ours, '--all', '--json', '--sort', key])),
            ) as OpenSocket[]
          ).map(({inode}) => inode);
        assert.equal(inodes('rx-queue')[0], pair.server.inode);
        assert.equal(inodes('rx-queue').at(-1), pair.listener.inode);
        if (way === 'ebpf') assert.equal(inodes('tx')[0], pair.client.inode);
        await pair.server.receive(100);
      });

      it('--listening, --all', () => {
        const states = (...args: string[]): string[] =>
          (JSON.parse(parse(tcptrace(['list', '-q', ...flags, ...ours, '--json', ...args]))) as OpenSocket[])
            .map(({state, raddr, direction}) => [state, raddr ?? '-', direction ?? '-'].join(' '))
            .sort();
        const connections = ['established 127.0.0.1 in', 'established 127.0.0.1 out'];
        assert.deepEqual(states('--listening'), ['listening - -']);
        assert.deepEqual(states('--all'), [...connections, 'listening - -']);
      });

      it('--state with names of ss; not together with others', () => {
        const count = (...args: string[]): number =>
          (JSON.parse(parse(tcptrace(['list', '-q', ...flags, ...ours, '--json', ...args]))) as unknown[])
            .length;
        assert.equal(count('--state', 'established'), 2);
        assert.equal(count('--state', 'listening,established'), 3);
        assert.equal(count('--state', 'all'), 3);
        assert.equal(count('--state', 'time-wait', '--state', 'syn-sent'), 0);
        assertRefused(
          tcptrace(['list', '--state', 'open']),
          2,
          /^--state: invalid value "open"; use established, syn-sent, /,
        );
        assertRefused(
          tcptrace(['list', '--state', 'all', '--all']),
          2,
          /^--state and --all cannot be combined/,
        );
      });

      it('nothing: an empty answer, code 0', () => {
        const none = ['list', '-q', ...flags, '--pid', String(process.pid), '--port', '1'];
        assert.equal(parse(tcptrace([...none, '--json'])), '[]\n');
        assert.equal(parse(tcptrace([...none, '--ndjson'])), '');
        assert.match(parse(tcptrace(none)), /^STATE [^\n]*\n$/);
      });
    });
  }

  it('without privileges: lists by /proc and gives the reason, even with -q', async function () {
    if (!IS_ROOT) skip(this, 'takes two users');
    using installation = new Installation();
    const listing = (...args: string[]): Result =>
      run(installation.node, [installation.cli, 'list', '--all', '--json', ...args], {...NOBODY, cwd: '/'});
    const script = `require('net').createServer().listen(0, '127.0.0.1', () => console.log('listening'))`;
    const server = spawn(installation.node, ['-e', script], {
      ...NOBODY,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(server.stdout, 'data');
      const {status, stdout, stderr} = listing();
      assert.equal(status, 0);
      assert.match(
        stderr,
        new RegExp(
          `^${FALLBACK.source}tcptrace: without \\d+ processes whose descriptors this user may not read\n${UNREAD.source}$`,
        ),
      );
      const sockets = JSON.parse(stdout) as OpenSocket[];
      const its = sockets.filter(({pid}) => pid === server.pid);
      assert.deepEqual(
        its.map(({source, state, uid}) => [source, state, uid]),
        [['proc', 'listening', NOBODY.uid]],
      );
      const [other] = sockets.filter(({inode}) => inode === pair.client.inode);
      assert.deepEqual([other?.state, other?.pid], ['established', undefined]);
      assert.match(listing('-q').stderr, new RegExp(`^${FALLBACK.source}$`));
    } finally {
      server.kill();
    }
  });

  it('missing BTF types: exits with 3, no fallback', () => {
    const reason = 'this kernel does not describe its types in /nowhere (ENOENT)';
    const hint = 'it takes a kernel with CONFIG_DEBUG_INFO_BTF';
    assertRefused(tcptrace(['list', '--btf', '/nowhere']), 3, `cannot list: iterator: ${reason}; ${hint}`);
  });

  it('a closed pipe, and a full disk', () => {
    const way = IS_ROOT ? '' : '-q --proc';
    assert.deepEqual(shell(`tcptrace list ${way} --all --ndjson | true; exit \${PIPESTATUS[0]}`), {
      status: 0,
      stdout: '',
      stderr: '',
    });
    assertRefused(
      shell('tcptrace list -q --proc >/dev/full'),
      1,
      'cannot write the output: no space left on device',
    );
  });
});
