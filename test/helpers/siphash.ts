/** SipHash-2-4, by the paper of Aumasson and Bernstein: independent of native/flow.cc. */

const MASK = (1n << 64n) - 1n;

type State = [bigint, bigint, bigint, bigint];

const rotate = (word: bigint, bits: bigint): bigint => ((word << bits) | (word >> (64n - bits))) & MASK;
const add = (a: bigint, b: bigint): bigint => (a + b) & MASK;

function round([v0, v1, v2, v3]: State): State {
  const a = add(v0, v1);
  const b = rotate(v1, 13n) ^ a;
  const c = add(v2, v3);
  const d = rotate(v3, 16n) ^ c;
  const e = add(rotate(a, 32n), d);
  const f = add(c, b);
  return [e, rotate(b, 17n) ^ f, rotate(f, 32n), rotate(d, 21n) ^ e];
}

function rounds(state: State, count: number): State {
  return count === 0 ? state : rounds(round(state), count - 1);
}

function absorb([v0, v1, v2, v3]: State, word: bigint): State {
  const [a, b, c, d] = rounds([v0, v1, v2, v3 ^ word], 2);
  return [a ^ word, b, c, d];
}

/** @param key 16 bytes @returns the hash as a 64-bit integer */
export function siphash(key: Uint8Array, message: Uint8Array): bigint {
  const view = Buffer.from(key);
  const [k0, k1] = [view.readBigUInt64LE(0), view.readBigUInt64LE(8)];
  const padded = Buffer.alloc(Math.floor(message.length / 8) * 8 + 8);
  padded.set(message);
  padded[padded.length - 1] = message.length & 0xff;
  let state: State = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ];
  for (let at = 0; at < padded.length; at += 8) state = absorb(state, padded.readBigUInt64LE(at));
  const [v0, v1, v2, v3] = state;
  return rounds([v0, v1, v2 ^ 0xffn, v3], 4).reduce((all, word) => all ^ word);
}
