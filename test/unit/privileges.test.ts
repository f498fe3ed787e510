import assert from 'node:assert/strict';
import {lockdownMode, missingCapabilities} from '#dist/sources/privileges.js';

describe('capabilities', () => {
  const ALL = ['CAP_BPF', 'CAP_PERFMON', 'CAP_NET_ADMIN', 'CAP_SYS_PTRACE'];
  const cases: Record<string, readonly [string, readonly string[]]> = {
    root: ['000001ffffffffff', []],
    nobody: ['0000000000000000', ALL],
    'all needed ones': ['000000c000081000', []],
    'all but CAP_BPF': ['000000400008' + '1000', ['CAP_BPF']],
    'all but CAP_PERFMON': ['000000800008' + '1000', ['CAP_PERFMON']],
    'all but CAP_NET_ADMIN': ['000000c000080000', ['CAP_NET_ADMIN']],
    'all but CAP_SYS_PTRACE': ['000000c000001000', ['CAP_SYS_PTRACE']],
    'CAP_SYS_ADMIN implies two of them': ['0000000000200000', ['CAP_NET_ADMIN', 'CAP_SYS_PTRACE']],
    'a container': ['00000000a80425fb', ALL],
  };
  for (const [what, [mask, missing]] of Object.entries(cases)) {
    it(what, () => {
      const status = `Name:\tnode\nCapInh:\tffffffffffffffff\nCapPrm:\t000001ffffffffff\nCapEff:\t${mask}\nCapBnd:\t000001ffffffffff\n`;
      assert.deepEqual(missingCapabilities(status), missing);
    });
  }

  it('are all missing without CapEff', () => {
    assert.deepEqual(missingCapabilities(''), ALL);
  });
});

describe('kernel lockdown', () => {
  const cases: Record<string, string> = {
    '[none] integrity confidentiality\n': 'none',
    'none [integrity] confidentiality\n': 'integrity',
    'none integrity [confidentiality]\n': 'confidentiality',
    '': 'none',
  };
  for (const [text, mode] of Object.entries(cases))
    it(`${JSON.stringify(text)} is ${mode}`, () => {
      assert.equal(lockdownMode(text), mode);
    });
});
