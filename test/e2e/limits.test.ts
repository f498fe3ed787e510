/** RLIMIT_MEMLOCK; before Linux 5.11 maps count as locked memory. */
import assert from 'node:assert/strict';
import {run} from '../cli/run.js';
import {hasProgram, kernelIsAtLeast, PROBE} from '../helpers/machine.js';
import {skip, suite} from '../helpers/suite.js';
import {CLI} from '../helpers/tracer.js';

suite('RLIMIT_MEMLOCK 0', () => {
  const WATCH = [process.execPath, CLI, 'watch', '--probe', PROBE, '--port', '1', '--duration', '10ms'];

  function watch(...prefix: string[]) {
    return run('sh', ['-c', 'ulimit -l 0 && exec "$@"', 'sh', ...prefix, ...WATCH]);
  }

  it('is raised with CAP_SYS_RESOURCE', () => {
    const {status, stderr} = watch();
    assert.match(stderr, /\(ready\)\n/);
    assert.equal(status, 0);
  });

  it('without CAP_SYS_RESOURCE: an error before Linux 5.11, no effect later', function () {
    if (!hasProgram('setpriv')) skip(this, 'no setpriv(1)');
    const {status, stderr} = watch('setpriv', '--inh-caps=-sys_resource', '--bounding-set=-sys_resource');
    if (kernelIsAtLeast(5, 11)) {
      assert.match(stderr, /\(ready\)\n/);
      assert.equal(status, 0);
    } else {
      const reason = 'maps count as locked memory, which is limited: CAP_SYS_RESOURCE missing';
      const hint = 'raise ulimit -l, or run it with sudo';
      assert.equal(stderr, `tcptrace: cannot trace: ${PROBE}: ${reason}; ${hint}\n`);
      assert.equal(status, 3);
    }
  });
});
