/** Processes and sockets that disappear while /proc is read. */
import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {run} from '../cli/run.js';
import {connectPair, type Pair} from '../helpers/pair.js';
import {faults} from '../helpers/runs.js';
import {suite} from '../helpers/suite.js';
import {CLI, Tracer, type TraceEvent} from '../helpers/tracer.js';

/** Starts processes that make one connection and exit. */
const CHURN = 'while :; do (exec 3<>"/dev/tcp/127.0.0.1/$0"; sleep "$1") & sleep 0.02; done';
/** Some processes exit during a scan; others live longer than a scan. */
const LIVES_SECONDS = ['0.02', '1'];

suite('processes that exit during every scan of /proc', (stage) => {
  let pair: Pair;
  let churning: ChildProcess[];

  beforeEach(async () => {
    pair = await connectPair(stage.actor, '127.0.0.1');
    const {fd, port} = await stage.actor.listen('127.0.0.1');
    await stage.actor.background('serve', fd, 10_000_000);
    churning = LIVES_SECONDS.map((life) =>
      spawn('bash', ['-c', CHURN, String(port), life], {stdio: 'ignore'}),
    );
  });
  afterEach(async () => {
    for (const child of churning) {
      const end = once(child, 'close');
      child.kill('SIGKILL');
      await end;
    }
  });

  /** Asserts that both sockets of the lasting connection are listed. */
  function assertListed(stdout: string): void {
    const inodes = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as {inode: number}).inode);
    for (const {inode} of [pair.client, pair.server]) assert.ok(inodes.includes(inode));
  }

  for (const flags of [['--proc'], []])
    it(`list ${flags.join(' ')}`, () => {
      for (let i = 0; i < faults(3, 20); i++) {
        const {status, stdout, stderr} = run(process.execPath, [CLI, 'list', '--ndjson', ...flags]);
        assert.match(stderr, /^(?:tcptrace: without \d+ process.*\n)?$/);
        assert.equal(status, 0);
        assertListed(stdout);
      }
    });

  it('watch --proc, with names and descendants', async () => {
    const all = ['--event', 'open,connect,accept,close', '--args', '--users', '--containers'];
    const watch = ['watch', '--ndjson', '--proc', '--interval', '20ms'];
    const parents = churning.map(({pid}) => String(pid)).join();
    await using tracer = await Tracer.start(all, {}, watch);
    await using following = await Tracer.start(['--pid', parents, '--follow']);
    const count = faults(50, 1000);
    await tracer.waitFor(() => tracer.events.length > count, 'events');
    for (const each of [tracer, following]) {
      const {code, stderr, events} = await each.stop();
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stderr, /ENOENT|ESRCH|unexpected|^ +at /m);
      assert.deepEqual(
        events.filter(({pid, inode}) => pid === undefined || inode === undefined),
        [],
      );
    }
    const ofPair = ({inode}: TraceEvent): boolean =>
      inode === pair.client.inode || inode === pair.server.inode;
    assert.deepEqual(
      tracer.events.filter(ofPair).map(({event}) => event),
      ['open', 'open'],
    );
  });

  it('watch with eBPF, with names', async () => {
    await using tracer = await Tracer.start(['--args', '--users', '--containers']);
    const count = faults(200, 5000);
    await tracer.waitFor(() => tracer.events.length > count, 'events');
    const {code, stderr} = await tracer.stop();
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /ENOENT|ESRCH|unexpected|^ +at /m);
  });
});
