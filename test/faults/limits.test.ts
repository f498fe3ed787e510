/** Too few descriptors, too little memory: one line that says so, or it works. */
import assert from 'node:assert/strict';
import {assertRefused, run, type Result} from '../cli/run.js';
import {hasProgram, kernelIsAtLeast, PROBE} from '../helpers/machine.js';
import {MemoryLimit} from '../helpers/memory-limit.js';
import {faults} from '../helpers/runs.js';
import {skip, suite} from '../helpers/suite.js';
import {CLI} from '../helpers/tracer.js';

const WATCH = [process.execPath, CLI, 'watch', '--port', '1', '--duration', '10ms'];

suite('limits', () => {
  /** Node.js itself takes about 25. */
  const FEWEST = 32;
  const ENOUGH = 64;

  function watchWith(descriptors: number, ...flags: string[]): Result {
    const limit = `--nofile=${String(descriptors)}:${String(descriptors)}`;
    return run('prlimit', [limit, ...WATCH, ...flags]);
  }

  for (const flags of [['--probe', PROBE], []])
    it(`of descriptors, ${flags.join(' ') || '--probe auto'}: names ulimit, or sees everything`, function () {
      if (!hasProgram('prlimit')) skip(this, 'no prlimit(1)');
      this.timeout(120_000);
      const refused = [];
      for (let count = FEWEST; count <= ENOUGH; count += faults(8, 1)) {
        const {status, stderr} = watchWith(count, ...flags);
        if (status === 0) assert.match(stderr, /^tcptrace: tracing with (?!proc)\w+ \(ready\)\n/);
        else {
          refused.push(count);
          // the last module is loaded when all is attached
          assert.match(
            stderr,
            /^(?:.*\(ready\)\n)?tcptrace: .*(?:EMFILE|too many open files).*; raise ulimit -n\n$/,
          );
          assert.ok(status === 1 || status === 3, String(status));
        }
      }
      assert.ok(refused.length > 0 && !refused.includes(ENOUGH), refused.join());
    });

  it('of memory, for maps: names the flags that take less', function () {
    // maps count as memory of a cgroup since then
    if (!kernelIsAtLeast(5, 11)) skip(this, 'maps count as locked memory here');
    using limit = MemoryLimit.create(256 << 20);
    if (limit === undefined) skip(this, 'no cgroup limits memory here');
    const refused = run(...limit.run(...WATCH, '--buffer-size', '512M'));
    assertRefused(refused, 3, /load failed: ENOMEM.*; try a smaller --buffer-size or --max-connections$/);
    assert.equal(run(...limit.run(...WATCH, '--buffer-size', '1M')).status, 0);
  });
});
