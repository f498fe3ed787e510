/** `--proc` without privileges and in namespaces, and the fallback from eBPF to /proc. */
import assert from 'node:assert/strict';
import {Actor} from '../helpers/actor.js';
import {hasProgram} from '../helpers/machine.js';
import {connectPair, type Pair} from '../helpers/pair.js';
import {skip} from '../helpers/suite.js';
import type {TraceEvent} from '../helpers/tracer.js';
import {Installation, NOBODY} from './nobody.js';
import {IS_ROOT, type Result, run} from './run.js';

/**
 * Connects to itself, runs `tcptrace` to list open connections, and prints its output and the minimum that it must
 * contain.
 */
const SCRIPT = `
  const {spawnSync} = require('node:child_process');
  const {createServer, Socket} = require('node:net');
  const [cli] = process.argv.slice(1);
  const server = createServer(() => {
    const args = [cli, 'watch', '--proc', '--ndjson', '--event', 'open', '--duration', '1ms'];
    const {status, stdout, stderr} = spawnSync(process.execPath, args, {encoding: 'utf8', cwd: '/'});
    const own = {pid: process.pid, uid: process.getuid(), lport: client.localPort, rport: server.address().port};
    process.stdout.write(JSON.stringify({status, stdout, stderr, own}));
    process.exit();
  }).listen(0, '127.0.0.1', () => {
    client.connect(server.address().port, '127.0.0.1');
  });
  const client = new Socket();
`;

interface Own {
  readonly pid: number;
  readonly uid: number;
  readonly lport: number;
  readonly rport: number;
}

interface Listing extends Result {
  readonly own: Own;
  readonly events: readonly TraceEvent[];
}

function parseListing({stdout, stderr, status}: Result): Listing {
  assert.deepEqual([stderr, status], ['', 0]);
  const listing = JSON.parse(stdout) as Result & {own: Own};
  assert.equal(listing.status, 0, listing.stderr);
  const events = listing.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TraceEvent);
  return {...listing, events};
}

/** Asserts that both sockets of its own connection are listed with `pid`. */
function assertOwn({own, events}: Listing, pid = own.pid): void {
  const ends = events
    .filter((event) => event.pid === pid && event.uid === own.uid)
    .map(({direction, lport, rport}) => [direction, lport, rport])
    .sort();
  assert.deepEqual(ends, [
    ['in', own.rport, own.lport],
    ['out', own.lport, own.rport],
  ]);
}

describe('watch --proc', function () {
  this.slow(3000);
  this.timeout(60_000);

  let installation: Installation;
  let actor: Actor;
  let pair: Pair;

  before(async () => {
    installation = new Installation();
    actor = await Actor.start();
    pair = await connectPair(actor, '127.0.0.1');
  });

  after(async () => {
    await actor[Symbol.asyncDispose]();
    installation[Symbol.dispose]();
  });

  function list(command: readonly string[] = [], options: object = {}): Listing {
    const {node, cli} = installation;
    const [program, ...args] = [...command, node, '-e', SCRIPT, cli];
    return parseListing(run(program, args, {cwd: '/', ...options}));
  }

  function sees({events}: Listing): boolean {
    return events.some(({inode}) => inode === pair.client.inode);
  }

  describe('without privileges', () => {
    before(function () {
      if (!IS_ROOT) skip(this, 'takes two users');
    });

    it('shows own processes and the number of unreadable ones', () => {
      const listing = list([], NOBODY);
      assertOwn(listing);
      assert.equal(sees(listing), false);
      const [, count] =
        /^tcptrace: without (\d+) process(?:es)? whose descriptors this user may not read$/m.exec(
          listing.stderr,
        ) ?? [];
      assert.ok(Number(count) >= 2, listing.stderr);
    });

    for (const [hidepid, said] of [
      ['1', /^tcptrace: without \d+ process(?:es)? whose descriptors this user may not read$/m],
      ['2', /^tcptrace: without the processes that \/proc hides from this user \(hidepid\)$/m],
    ] as const) {
      it(`/proc with hidepid=${hidepid}`, function () {
        if (!hasProgram('setpriv')) skip(this, 'no setpriv');
        // a new mount, because a remount would change the host's /proc
        const mount = `mount -t proc -o hidepid=${hidepid} proc /proc`;
        const drop = 'setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all';
        const listing = list(['unshare', '--mount', 'sh', '-c', `${mount} && exec ${drop} "$@"`, 'sh']);
        assertOwn(listing);
        assert.equal(sees(listing), false);
        assert.match(listing.stderr, said);
      });
    }
  });

  describe('as root', () => {
    before(function () {
      if (!IS_ROOT) skip(this, 'needs root');
    });

    it('shows every process', () => {
      const listing = list();
      assertOwn(listing);
      assert.ok(sees(listing));
    });

    it('in a pid namespace: shows its processes with its pids', () => {
      const listing = list(['unshare', '--pid', '--fork', '--mount-proc']);
      assert.equal(listing.own.pid, 1);
      assertOwn(listing);
      assert.equal(sees(listing), false);
    });

    it('in a pid namespace with the host /proc: shows every process with host pids', () => {
      const listing = list(['unshare', '--pid', '--fork']);
      assert.ok(sees(listing));
      const host = listing.events.find(({lport}) => lport === listing.own.lport);
      assert.notEqual(host?.pid, 1);
      assertOwn(listing, Number(host?.pid));
    });

    it('without /proc: exits with 3 and a message', () => {
      const {node, cli} = installation;
      const script = 'mount -t tmpfs none /proc && exec "$@"';
      const args = ['--mount', 'sh', '-c', script, 'sh', node, cli, 'watch', '--proc', '--duration', '1ms'];
      const {stderr, status, stdout} = run('unshare', args, {cwd: '/'});
      assert.deepEqual(
        [stdout, stderr, status],
        ['', 'tcptrace: there is no process in /proc; mount it: mount -t proc proc /proc\n', 3],
      );
    });
  });

  describe('fallback to /proc without kernel BTF', () => {
    const WHY = 'this kernel does not describe its types in /sys/kernel/btf/vmlinux (ENOENT)';

    before(function () {
      if (!IS_ROOT) skip(this, 'needs root');
    });

    function withoutBtf(...args: readonly string[]): Result {
      const {node, cli} = installation;
      const script = 'mount -t tmpfs none /sys/kernel/btf && exec "$@"';
      return run('unshare', ['--mount', 'sh', '-c', script, 'sh', node, cli, ...args], {cwd: '/'});
    }

    it('--probe auto falls back and warns once, even with --quiet', () => {
      for (const quiet of [[], ['--quiet']]) {
        const args = ['--ndjson', '--event', 'open', '--duration', '1ms', ...quiet];
        const {status, stdout, stderr} = withoutBtf('watch', ...args);
        assert.equal(status, 0, stderr);
        assert.ok(stdout.includes(`"inode":${String(pair.client.inode)},`));
        const warnings = stderr
          .split('\n')
          .filter((line) =>
            line.includes('this kernel does not describe its types in /sys/kernel/btf/vmlinux (ENOENT)'),
          );
        assert.equal(warnings.length, 1, stderr);
        assert.match(
          warnings[0] ?? '',
          /^tcptrace: no eBPF probe works here .* scanned every 1s: .* not seen$/,
        );
        assert.equal(stderr.includes('tracing with proc (ready)'), quiet.length === 0);
      }
    });

    it('--probe auto also falls back without privileges', function () {
      if (!hasProgram('setpriv')) skip(this, 'no setpriv');
      const {node, cli} = installation;
      const drop = 'setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all';
      const script = `mount -t tmpfs none /sys/kernel/btf && exec ${drop} "$@"`;
      const args = ['--mount', 'sh', '-c', script, 'sh', node, cli, 'watch', '--duration', '1ms'];
      const {status, stderr} = run('unshare', args, {cwd: '/'});
      assert.equal(status, 0, stderr);
      assert.match(stderr, /^tcptrace: tracing with proc \(ready\)$/m);
    });

    it('a selected probe or --fail-on-loss fails', () => {
      for (const args of [['--probe', 'tracepoint'], ['--fail-on-loss']]) {
        const {status, stdout, stderr} = withoutBtf('watch', '--duration', '1ms', ...args);
        assert.deepEqual([status, stdout], [3, ''], stderr);
        assert.ok(stderr.includes(WHY), stderr);
        assert.equal(stderr.trimEnd().split('\n').length, 1);
      }
    });

    it('doctor reports it and exits with 3', () => {
      const {status, stdout} = withoutBtf('doctor');
      assert.match(stdout, /\nno eBPF probe works here; --probe auto falls back to \/proc\n$/);
      assert.equal(status, 3);
      const json = withoutBtf('doctor', '--json');
      assert.deepEqual([(JSON.parse(json.stdout) as {probe: unknown}).probe, json.status], ['proc', 3]);
    });
  });
});
