/** Selected probes: they work, or fail with exit code 3 and the reason. */
import assert from 'node:assert/strict';
import {skip} from '../helpers/suite.js';
import {assertRefused, HAS_KPROBES, IS_ROOT, type Result, tcptrace} from './run.js';

const DOCTOR = 'tcptrace doctor shows what works here';

function watch(probe: string, env: NodeJS.ProcessEnv = {}): Result {
  return tcptrace(['watch', '--ndjson', '--duration', '1ms', '--probe', probe], env);
}

function assertTraced({status, stderr}: Result, probe: string): void {
  assert.match(stderr, new RegExp(`^tcptrace: tracing with ${probe} \\(ready\\)\n`, 'm'));
  assert.match(stderr, new RegExp(`^tcptrace: .* by ${probe} in \\d+\\.\\d s\n`, 'm'));
  assert.equal(status, 0);
}

/** True if doctor reports that the probe works. */
function doctorSays(probe: string): boolean {
  const {features} = JSON.parse(tcptrace(['doctor', '--json']).stdout) as {
    features: {name: string; ok: boolean}[];
  };
  const feature = features.find(({name}) => name === probe);
  assert.ok(feature);
  return feature.ok;
}

describe('--probe', function () {
  this.slow(2000);

  before(function () {
    if (!IS_ROOT) skip(this, 'only root can trace');
  });

  it('kprobe', () => {
    const result = watch('kprobe');
    assert.equal(doctorSays('kprobe'), HAS_KPROBES);
    if (HAS_KPROBES) assertTraced(result, 'kprobe');
    else {
      assertRefused(
        result,
        3,
        `cannot trace: kprobe: this kernel has no kprobes (CONFIG_KPROBES); ${DOCTOR}`,
      );
    }
  });

  it('fentry', () => {
    const result = watch('fentry');
    if (doctorSays('fentry')) assertTraced(result, 'fentry');
    else
      assertRefused(
        result,
        3,
        /^cannot trace: fentry: this kernel refuses fentry programs \(\w+\); tcptrace doctor /,
      );
  });

  it('tracepoint', () => {
    assertTraced(watch('tracepoint'), 'tracepoint');
  });

  it('--btf with a missing or invalid file', () => {
    for (const [file, errno] of [
      ['/nowhere', 'ENOENT'],
      ['/etc/passwd', 'EINVAL'],
    ] as const) {
      assertRefused(
        tcptrace(['watch', '--btf', file]),
        3,
        `cannot trace: this kernel does not describe its types in ${file} (${errno}); it takes a kernel with CONFIG_DEBUG_INFO_BTF`,
      );
    }
  });

  it('prints a stack trace only with DEBUG=tcptrace', () => {
    const failing = ['watch', '--pid', '4194304'];
    assert.match(tcptrace(failing, {DEBUG: 'tcptrace'}).stderr, /\n +at .*\.js:/);
    for (const DEBUG of ['', 'express'])
      assertRefused(tcptrace(failing, {DEBUG}), 2, '--pid: no such process: 4194304');
  });
});
