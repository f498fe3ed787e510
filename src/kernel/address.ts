import {memoizeBlock} from './block-memo.js';
import {ADDR_LEN} from './layout.js';
import type {Words} from './words.js';

const LIMIT = 4096;
const GROUPS = ADDR_LEN / 2;

/** Third 32-bit word of ::ffff:a.b.c.d in the byte order of this machine. */
export const IPV4_MAPPED = new Uint32Array(Uint8Array.of(0, 0, 255, 255).buffer)[0] as number;

/** True if an address is IPv4-mapped. @param at index of its first 32-bit word */
export function isMapped(words: Uint32Array, at: number): boolean {
  return words[at] === 0 && words[at + 1] === 0 && words[at + 2] === IPV4_MAPPED;
}

function formatIpv4(bytes: Buffer, offset: number): string {
  return `${String(bytes[offset])}.${String(bytes[offset + 1])}.${String(bytes[offset + 2])}.${String(bytes[offset + 3])}`;
}

/** Finds the first longest run of zero groups, as [start, length]. */
function longestZeroRun(groups: readonly number[]): readonly [number, number] {
  let best: readonly [number, number] = [0, 0];
  for (let start = 0; start < GROUPS; start++) {
    let end = start;
    while (end < GROUPS && groups[end] === 0) end++;
    if (end - start > best[1]) best = [start, end - start];
  }
  return best;
}

/** Formats by RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
function formatIpv6(bytes: Buffer, offset: number): string {
  const groups = Array.from({length: GROUPS}, (_, i) => bytes.readUInt16BE(offset + 2 * i));
  const hex = groups.map((group) => group.toString(16));
  const [start, length] = longestZeroRun(groups);
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/** Formats addresses in records (at byte offset `offset`); caches the results. */
export interface AddressFormatter {
  readonly ipv4: (words: Words, offset: number) => string;
  readonly ipv6: (words: Words, offset: number) => string;
}

export function createAddressFormatter(): AddressFormatter {
  const known = new Map<number, string>();
  return {
    ipv4({bytes, u32}, offset) {
      const key = u32[offset >> 2] as number;
      const found = known.get(key);
      if (found !== undefined) return found;
      const text = formatIpv4(bytes, offset);
      if (known.size >= LIMIT) known.clear();
      known.set(key, text);
      return text;
    },
    ipv6: memoizeBlock(formatIpv6),
  };
}
