/** Runs tcptrace with few descriptors or little memory: it works, or fails with one line that says what to do. */
import assert from 'node:assert/strict';
import {assertRefused, run, type Result} from '../cli/run.js';
import {hasProgram, kernelIsAtLeast, PROBE} from '../helpers/machine.js';
import {MemoryLimit} from '../helpers/memory-limit.js';
import {faults} from '../helpers/runs.js';
import {skip, suite} from '../helpers/suite.js';
import {CLI} from '../helpers/tracer.js';

const WATCH = [process.execPath, CLI, 'watch', '--port', '1', '--duration', '10ms'];

suite('resource limits', () => {
  /** Node.js alone uses about 25. */
  const FEWEST = 32;
  const ENOUGH = 64;

  function watchWith(descriptors: number, ...flags: string[]): Result {
    const limit = `--nofile=${String(descriptors)}:${String(descriptors)}`;
    return run('prlimit', [limit, ...WATCH, ...flags]);
  }

  for (const flags of [['--probe', PROBE], []])
    it(`descriptors, ${flags.join(' ') || '--probe auto'}: works, or the message names ulimit`, function () {
      if (!hasProgram('prlimit')) skip(this, 'no prlimit(1)');
      this.timeout(120_000);
      const refused = [];
      for (let count = FEWEST; count <= ENOUGH; count += faults(8, 1)) {
        const {status, stderr} = watchWith(count, ...flags);
        if (status === 0) assert.match(stderr, /^tcptrace: tracing with (?!proc)\w+ \(ready\)\n/);
        else {
          refused.push(count);
          // the last module is loaded after "(ready)"
          assert.match(
            stderr,
            /^(?:.*\(ready\)\n)?tcptrace: .*(?:EMFILE|too many open files).*; raise ulimit -n\n$/,
          );
          assert.ok(status === 1 || status === 3, String(status));
        }
      }
      assert.ok(refused.length > 0 && !refused.includes(ENOUGH), refused.join());
    });

  it('memory for maps: the message names the flags that reduce it', function () {
    // since Linux 5.11 maps count as memory of their cgroup
    if (!kernelIsAtLeast(5, 11)) skip(this, 'maps count as locked memory on this kernel');
    using limit = MemoryLimit.create(256 << 20);
    if (limit === undefined) skip(this, 'no cgroup with a memory controller');
    const refused = run(...limit.run(...WATCH, '--buffer-size', '512M'));
    assertRefused(refused, 3, /load failed: ENOMEM.*; try a smaller --buffer-size or --max-connections$/);
    assert.equal(run(...limit.run(...WATCH, '--buffer-size', '1M')).status, 0);
  });
});
