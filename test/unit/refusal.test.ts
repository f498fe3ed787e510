import assert from 'node:assert/strict';
import {limitsMaps} from '#dist/sources/privileges.js';
import {explainRefusal, isLoadError} from '#dist/sources/refusal.js';
import {readDocument} from '../helpers/documents.js';
import {CASES} from './refusal-cases.js';
import {loadError, PRIVILEGED} from './refusals.js';

/** Returns the messages of doctor in docs/troubleshooting.md, in which words in capitals stand for any text. */
function documentedReasons(): readonly RegExp[] {
  const [, section = ''] =
    /^## Messages of doctor$([^]*?)^## /m.exec(readDocument('docs/troubleshooting.md')) ?? [];
  return [...section.matchAll(/^\| (.*?) \|/gm)]
    .flatMap(([, cell = '']) => [...cell.matchAll(/`(.*?)`/g)])
    .map(([, message = '']) => message.replaceAll(/[()$.]/g, '\\$&'))
    .map(
      (message) => new RegExp(`^${message.replaceAll(/\b(NAMES|CALL|ERRNO|FILE|PROGRAM|STEP|N)\b/g, '.+')}`),
    );
}

const EPERM = 1;

describe('refusal by', () => {
  for (const [what, {probe = 'fentry', error, where, reason, hint, lacks = 'support'}] of Object.entries(
    CASES,
  )) {
    it(what, () => {
      const expected = {probe, lacks, reason, ...(hint === undefined ? {} : {hint})};
      assert.deepEqual(explainRefusal(probe, error, {...PRIVILEGED, ...where}), expected);
    });
  }

  it('docs/troubleshooting.md lists every reason', () => {
    const patterns = documentedReasons();
    for (const {reason} of Object.values(CASES))
      assert.ok(
        patterns.some((pattern) => pattern.test(reason)),
        reason,
      );
  });

  it('distinguishes refusals by the kernel from bugs', () => {
    assert.ok(isLoadError(loadError('load', EPERM)));
    for (const other of [
      new Error('x'),
      new TypeError('probe'),
      {code: 'ERR_TCPTRACE_LOAD'},
      undefined,
      'x',
    ]) {
      assert.equal(isLoadError(other), false);
    }
  });
});

describe('locked memory', () => {
  it('limits maps only before Linux 5.11', () => {
    const limits = (soft: string) =>
      `Max processes  7  7  processes\nMax locked memory         ${soft}    ${soft}   bytes\n`;
    const cases = [
      ['5.10.0-46-cloud-amd64', '65536', true],
      ['5.10.0-46-cloud-amd64', 'unlimited', false],
      ['5.11.0', '65536', false],
      ['6.1.0-56-cloud-amd64', '0', false],
    ] as const;
    for (const [kernel, soft, isLimited] of cases)
      assert.equal(limitsMaps(kernel, limits(soft)), isLimited, kernel);
  });
});
