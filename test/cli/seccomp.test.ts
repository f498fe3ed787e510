/** Seccomp profiles that refuse the system calls of tracing, as in most containers. */
import assert from 'node:assert/strict';
import path from 'node:path';
import {ROOT} from '../helpers/machine.js';
import {skip} from '../helpers/suite.js';
import {assertRefused, CLI, HAS_KPROBES, IS_ROOT, type Result, run} from './run.js';

const HINT =
  'allow bpf and perf_event_open in the profile, or run the container with --security-opt seccomp=unconfined';

/** Runs tcptrace under a filter that refuses a system call. */
function under(call: 'bpf' | 'perf_event_open', errno: number, ...words: string[]): Result {
  return run(path.join(ROOT, 'build/refuse-call'), [call, String(errno), process.execPath, CLI, ...words]);
}

describe('seccomp profile', function () {
  this.slow(3000);

  before(function () {
    if (!IS_ROOT) skip(this, 'only root can trace');
  });

  for (const [name, errno] of [
    ['EPERM', 1],
    ['EACCES', 13],
    ['ENOSYS', 38],
  ] as const) {
    it(`that refuses bpf() with ${name}: exit code 3 and the remedy, no fallback to /proc`, () => {
      const complaint = `a seccomp profile refuses bpf() (${name}); ${HINT}`;
      const result = under('bpf', errno, 'watch', '--duration', '1ms');
      // a kernel without fentry reports that first
      assertRefused(result, 3, /^cannot trace: /);
      assert.ok(result.stderr.endsWith(`${complaint}\n`), result.stderr);
    });
  }

  it('that refuses perf_event_open()', function () {
    if (HAS_KPROBES) skip(this, 'the kernel has probes that do not need it');
    const {status, stderr} = under('perf_event_open', 1, 'watch', '--duration', '1ms');
    assert.match(stderr, /a seccomp profile refuses perf_event_open\(\) \(EPERM\)/);
    assert.ok(stderr.endsWith(`; ${HINT}\n`), stderr);
    assert.equal(status, 3);
  });

  it('that refuses bpf(): doctor names it', () => {
    const {stdout} = under('bpf', 1, 'doctor');
    assert.match(stdout, /tracepoint .*a seccomp profile refuses bpf\(\) \(EPERM\)/);
  });
});
