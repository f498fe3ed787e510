import assert from 'node:assert/strict';
import fc from 'fast-check';
import {memoizeBlock} from '#dist/kernel/block-memo.js';
import {viewWords} from '#dist/kernel/words.js';
import {memoize} from '#dist/model/basics/memo.js';

describe('memoize', () => {
  it('computes each cached value once, and is bounded', () => {
    const computed: number[] = [];
    const square = memoize((key: number) => {
      computed.push(key);
      return key * key;
    }, 3);
    assert.deepEqual([1, 2, 3, 1, 2, 3].map(square), [1, 4, 9, 1, 4, 9]);
    assert.deepEqual(computed, [1, 2, 3]);
    // one more than the limit clears the cache
    assert.equal(square(4), 16);
    assert.deepEqual([4, 1, 4].map(square), [16, 1, 16]);
    assert.deepEqual(computed, [1, 2, 3, 4, 1]);
  });

  it('caches falsy results', () => {
    let calls = 0;
    const zero = memoize(() => calls++ * 0);
    assert.deepEqual([zero(''), zero(''), calls], [0, 0, 1]);
  });
});

describe('memoizeBlock', () => {
  it('computes once for equal 16-byte blocks at any offset', () => {
    let calls = 0;
    const hex = memoizeBlock((bytes, offset) => {
      calls++;
      return bytes.toString('hex', offset, offset + 16);
    });
    const block = Buffer.from('0123456789abcdef');
    const words = viewWords(Buffer.concat([block, Buffer.alloc(16), block]));
    assert.deepEqual(
      [hex(words, 0), hex(words, 32), calls],
      [block.toString('hex'), block.toString('hex'), 1],
    );
    assert.equal(hex(words, 16), '0'.repeat(32));
  });

  it('distinguishes blocks that differ in any word', () => {
    const hex = memoizeBlock((bytes, offset) => bytes.toString('hex', offset, offset + 16));
    // more values than slots, so that slots are shared
    const values = fc.array(fc.integer({min: 0, max: 0xffff_ffff}), {minLength: 2000, maxLength: 2000});
    fc.assert(
      fc.property(values, fc.integer({min: 0, max: 3}), (words, position) => {
        for (const word of words) {
          const block = Uint32Array.of(0, 0, 0, 0).fill(word, position, position + 1);
          const bytes = Buffer.from(block.buffer);
          assert.equal(hex(viewWords(bytes), 0), bytes.toString('hex'));
        }
      }),
      {
        numRuns: 50,
        examples: [0, 1, 2, 3].map((position) => [Array.from({length: 5000}, (_, i) => i), position]),
      },
    );
  });
});
