import assert from 'node:assert/strict';
import fc from 'fast-check';
import {hasComm} from '#dist/filter/predicates.js';
import {compileGlobs} from '#dist/filter/glob-automaton.js';

const [STAYS, STARTS, ENDS] = [256, 257, 258];

/** Matches like bpf/filter.h. */
function run(words: BigUint64Array, name: Uint8Array): boolean {
  const word = (index: number): bigint => words[index] as bigint;
  let places = word(STARTS);
  for (const byte of name) {
    places = BigInt.asUintN(64, (places & word(byte)) << 1n) | (places & word(STAYS));
    places = BigInt.asUintN(64, places | ((places & word(STAYS)) << 1n));
  }
  return (places & word(ENDS)) !== 0n;
}

function decide(globs: readonly string[], name: string): boolean {
  return hasComm(globs)({comm: name});
}

const text = (maxLength: number, ...characters: string[]) =>
  fc.string({unit: fc.constantFrom(...characters), maxLength});

describe('glob automaton', () => {
  it('matches any names like the patterns', () => {
    const globs = fc.array(text(9, 'a', 'b', '*', '.', '\\', '[', 'é'), {minLength: 1, maxLength: 5});
    const names = fc.oneof(
      text(15, 'a', 'b', '*', '.', '\\', '[').map((name) => Buffer.from(name)),
      fc.uint8Array({min: 1, maxLength: 15}),
      text(7, 'a', 'b', 'é').map((name) => Buffer.from(name)),
    );
    fc.assert(
      fc.property(globs, names, (patterns, name) => {
        const words = compileGlobs(patterns);
        if (words === undefined) return patterns.join('').length >= 32;
        assert.equal(run(words, name), decide(patterns, Buffer.from(name).toString()));
        return true;
      }),
      {numRuns: 5000},
    );
  });

  it('without patterns matches nothing', () => {
    assert.deepEqual(compileGlobs([]), new BigUint64Array(259));
  });

  it('does not support ? and invalid UTF-8', () => {
    for (const glob of ['a?', '\uFFFD', '\uD800']) assert.equal(compileGlobs(['a', glob]), undefined);
  });

  it('accepts up to 63 characters', () => {
    const full = compileGlobs(['x'.repeat(63)]);
    assert.equal(full && run(full, Buffer.from('x'.repeat(63))), true);
    assert.equal(full && run(full, Buffer.from('x'.repeat(62))), false);
    assert.equal(compileGlobs(['x'.repeat(64)]), undefined);
    assert.equal(compileGlobs(['x'.repeat(62), 'y']), undefined);
  });
});
