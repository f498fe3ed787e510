/** tcptrace in its own pid namespace, as in most containers, where pids of eBPF and /proc differ. */
import assert from 'node:assert/strict';
import {skip} from '../helpers/suite.js';
import {assertRefused, CLI, IS_ROOT, type Result, run} from './run.js';

const REFUSAL =
  /^eBPF cannot select or look up processes: this pid namespace has other pids than the host; run it in the pid namespace of the host/;

/** Script that listens. */
const LISTEN = 'net.createServer().listen(0, "127.0.0.1", () => setTimeout(() => 0, 30_000))';

/** Script that connects to itself repeatedly. */
const CONNECT = `const server = net.createServer((socket) => socket.end()).listen(0, "127.0.0.1", () => {
  setInterval(() => net.connect(server.address().port, "127.0.0.1").resume(), 100);
})`;

/** Runs a shell script as pid 1; `"$node" "$cli"` runs tcptrace. */
function inside(script: string): Result {
  const words = ['--fork', '--pid', '--mount-proc', 'bash', '-c', `node=$0 cli=$1; ${script}`];
  return run('unshare', [...words, process.execPath, CLI]);
}

describe('in a pid namespace', function () {
  this.slow(3000);
  this.timeout(60_000);

  before(function () {
    if (!IS_ROOT) skip(this, 'not root');
  });

  for (const flags of ['--pid $$', '--not-pid $$', '--pid $$ --follow', '--args', '--resolve', '-- true'])
    it(`watch ${flags}: rejected`, () => {
      assertRefused(inside(`"$node" "$cli" watch --probe tracepoint ${flags}`), 3, REFUSAL);
    });

  it('watch: traces the whole host and reports its limitation', () => {
    const {stderr, stdout, status} = inside(`"$node" -e '${CONNECT}' &
      "$node" "$cli" watch --probe tracepoint --event accept --count 1 --ndjson
      result=$?; kill $!; exit $result`);
    assert.equal(status, 0);
    assert.match(
      `\n${stderr}`,
      /\ntcptrace: without preexisting connections of processes outside this pid namespace; pids are those of the host\n/,
    );
    assert.equal((JSON.parse(stdout) as {event: string}).event, 'accept');
  });

  it('list: reads /proc and shows pids of this namespace', () => {
    const script = `"$node" -e '${LISTEN}' &
      until "$node" "$cli" list --proc --listening --quiet | grep -q :; do :; done
      "$node" "$cli" list --listening --json --pid $!
      result=$?; kill $!; echo "$! $result" >&2`;
    const {stdout, stderr} = inside(script);
    const [, pid, result] = /\n(\d+) (\d+)\n$/.exec(stderr) ?? [];
    assert.equal(result, '0');
    assert.match(
      `\n${stderr}`,
      /\ntcptrace: eBPF is not available \(this pid namespace has other pids than the host\); using \/proc\n/,
    );
    assert.deepEqual(
      (JSON.parse(stdout) as {pid: number}[]).map((socket) => socket.pid),
      [Number(pid)],
    );
  });
});
