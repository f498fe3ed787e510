import type {Words} from './words.js';

const SLOT_BITS = 10;
const WORDS = 4;

/** Hashes four words to a slot, with multipliers of xxHash. */
function slotOf(a: number, b: number, c: number, d: number): number {
  const mixed =
    Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77) ^ Math.imul(c, 0xc2b2ae3d) ^ Math.imul(d, 0x27d4eb2f);
  return Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1) >>> (32 - SLOT_BITS);
}

/**
 * Caches the texts of 16-byte fields (names, IPv6 addresses). A hash table with one entry per slot: unlike a Map, it
 * needs no key object for a lookup.
 *
 * @param format formats the field at a byte offset
 */
export function memoizeBlock(
  format: (bytes: Buffer, offset: number) => string,
): (words: Words, offset: number) => string {
  const keys = new Uint32Array(WORDS << SLOT_BITS);
  const texts = new Array<string | undefined>(1 << SLOT_BITS).fill(undefined);
  return ({bytes, u32}, offset) => {
    const at = offset >> 2;
    const a = u32[at] as number;
    const b = u32[at + 1] as number;
    const c = u32[at + 2] as number;
    const d = u32[at + 3] as number;
    const slot = slotOf(a, b, c, d);
    const key = slot * WORDS;
    const known = texts[slot];
    if (
      known !== undefined &&
      keys[key] === a &&
      keys[key + 1] === b &&
      keys[key + 2] === c &&
      keys[key + 3] === d
    ) {
      return known;
    }
    const text = format(bytes, offset);
    keys[key] = a;
    keys[key + 1] = b;
    keys[key + 2] = c;
    keys[key + 3] = d;
    texts[slot] = text;
    return text;
  };
}
