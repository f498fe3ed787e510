import assert from 'node:assert/strict';
import fc from 'fast-check';
import {checkGlob, compileGlob} from '#dist/filter/glob.js';
import {TcptraceError} from '#dist/model/errors.js';

/** The same glob as a regular expression, which backtracks. */
function toPattern(glob: string): RegExp {
  const pattern = glob
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${pattern}$`, 'su');
}

describe('globs', () => {
  it('match like a regular expression', () => {
    const text = (...characters: string[]) =>
      fc.string({unit: fc.constantFrom(...characters), maxLength: 10});
    fc.assert(
      fc.property(
        text('a', 'b', '*', '?', '漢', '💥', '.'),
        text('a', 'b', '漢', '💥', '.', '\n'),
        (glob, name) => {
          assert.equal(compileGlob(glob)(name), toPattern(glob).test(name));
        },
      ),
      {numRuns: 20_000},
    );
  });

  it('take time that is bounded by the product of the lengths', () => {
    const stars = compileGlob(`${'*a'.repeat(60)}*b`);
    const start = process.cpuUsage();
    for (let i = 0; i < 100; i += 1) assert.equal(stars('a'.repeat(256)), false);
    // a backtracking matcher takes hours for the first
    assert.ok(process.cpuUsage(start).user < 10_000_000);
  });

  it('have 256 characters at most; the message is cut', () => {
    assert.equal(checkGlob('x'.repeat(256)).length, 256);
    assert.throws(
      () => checkGlob('x'.repeat(100_000)),
      (error) => error instanceof TcptraceError && error.exitCode === 2 && error.message.length < 120,
    );
    assert.throws(() => checkGlob(''), TcptraceError);
  });
});
