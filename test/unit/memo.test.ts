import assert from 'node:assert/strict';
import fc from 'fast-check';
import {memoizeBlock} from '#dist/kernel/block-memo.js';
import {viewWords} from '#dist/kernel/words.js';
import {memoize} from '#dist/model/memo.js';

describe('memoize', () => {
  it('computes once while it remembers, and never remembers more than the limit', () => {
    const computed: number[] = [];
    const square = memoize((key: number) => {
      computed.push(key);
      return key * key;
    }, 3);
    assert.deepEqual([1, 2, 3, 1, 2, 3].map(square), [1, 4, 9, 1, 4, 9]);
    assert.deepEqual(computed, [1, 2, 3]);
    // one more than the limit, and all are forgotten
    assert.equal(square(4), 16);
    assert.deepEqual([4, 1, 4].map(square), [16, 1, 16]);
    assert.deepEqual(computed, [1, 2, 3, 4, 1]);
  });

  it('remembers falsy results', () => {
    let calls = 0;
    const zero = memoize(() => calls++ * 0);
    assert.deepEqual([zero(''), zero(''), calls], [0, 0, 1]);
  });
});

describe('memoizeBlock', () => {
  it('computes once for the same 16 bytes, wherever they are', () => {
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

  it('never takes one block for another', () => {
    const hex = memoizeBlock((bytes, offset) => bytes.toString('hex', offset, offset + 16));
    // few values, so that blocks differ in one word, and more of them than slots
    const word = fc.constantFrom(0, 1, 2, 0x8000_0000, 0xffff_ffff);
    const block = fc.array(word, {minLength: 4, maxLength: 4});
    fc.assert(
      fc.property(fc.array(block, {minLength: 200, maxLength: 1000}), (blocks) => {
        for (const values of blocks) {
          const bytes = Buffer.from(Uint32Array.from(values).buffer);
          assert.equal(hex(viewWords(bytes), 0), bytes.toString('hex'));
        }
      }),
      {numRuns: 20},
    );
  });
});
