/** tcptrace run by an unprivileged user. */
import assert from 'node:assert/strict';
import {Installation, NOBODY} from './nobody.js';
import {assertRefused, type Result, run} from './run.js';

const CAPABILITIES = ['CAP_BPF', 'CAP_PERFMON', 'CAP_NET_ADMIN', 'CAP_SYS_PTRACE'];

describe('without privileges', function () {
  this.slow(2000);
  this.timeout(60_000);

  let installation: Installation;

  before(() => {
    installation = new Installation();
  });

  after(() => {
    installation[Symbol.dispose]();
  });

  function tcptrace(...args: string[]): Result {
    return run(installation.node, [installation.cli, ...args], {...NOBODY, cwd: '/'});
  }

  for (const probe of ['auto', 'fentry', 'kprobe', 'tracepoint']) {
    it(`watch --probe ${probe}: names missing capabilities and sudo`, () => {
      const missing = `not permitted: ${CAPABILITIES.join(', ')} missing; run it with sudo, or use --proc, which needs no privileges`;
      const prefix = probe === 'auto' ? '' : `${probe}: `;
      assertRefused(tcptrace('watch', '--probe', probe), 3, `cannot trace: ${prefix}${missing}`);
    });
  }

  it('list --netns: reports a process that may not be read', () => {
    const complaint = '--netns: not permitted to read "/proc/1/ns/net"; run as root, or use the inode number';
    assertRefused(tcptrace('list', '--netns', '1'), 2, complaint);
  });

  it('doctor: names missing capabilities and exits with 3', () => {
    const {status, stdout, stderr} = tcptrace('doctor');
    for (const name of CAPABILITIES) assert.match(stdout, new RegExp(`│ ${name} +│ no +│`));
    assert.match(stdout, /\nno eBPF probe works here; --proc shows what can be seen without\n$/);
    assert.deepEqual([status, stderr], [3, '']);
  });

  it('doctor --json: no probe, exits with 3', () => {
    const {status, stdout, stderr} = tcptrace('doctor', '--json');
    const {probe, features} = JSON.parse(stdout) as {probe: unknown; features: {name: string; ok: boolean}[]};
    assert.equal(probe, null);
    const lacking = features.filter(({ok}) => !ok).map(({name}) => name);
    assert.deepEqual(
      CAPABILITIES.filter((name) => !lacking.includes(name)),
      [],
    );
    assert.deepEqual([status, stderr], [3, '']);
  });

  it('reports invalid usage first', () => {
    assertRefused(tcptrace('watch', '--port', '0'), 2, /^--port: invalid value "0"; /);
  });

  it('--help works', () => {
    assert.equal(tcptrace('--help').status, 0);
  });
});
