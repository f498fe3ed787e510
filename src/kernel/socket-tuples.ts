/** Finds records of sockets by addresses, ports and network namespace, without converting them to strings. */
import {ADDR_LEN, EVENT_SIZE, Offset} from './layout.js';
import {u32, u64, u8, type Words} from './words.js';

/** In words: both addresses, which are adjacent. */
const ADDRESSES = (2 * ADDR_LEN) / 4;

const PRIME = 0x01000193;

function hash(words: Words, at: number): number {
  let value = u32(words, at + Offset.netns) ^ u32(words, at + Offset.lport);
  for (let i = 0; i < ADDRESSES; i++) value = Math.imul(value, PRIME) ^ u32(words, at + Offset.laddr + 4 * i);
  return value;
}

function haveSameTuple(words: Words, a: number, b: number): boolean {
  for (let i = 0; i < ADDRESSES; i++)
    if (u32(words, a + Offset.laddr + 4 * i) !== u32(words, b + Offset.laddr + 4 * i)) return false;
  return (
    // both ports
    u32(words, a + Offset.lport) === u32(words, b + Offset.lport) &&
    u32(words, a + Offset.netns) === u32(words, b + Offset.netns) &&
    u8(words, a + Offset.family) === u8(words, b + Offset.family)
  );
}

/**
 * Indexes the records of held sockets (those with a pid).
 *
 * @returns a function that returns true if the socket at this offset is held. A record without an inode is of a
 * connection that its process has closed. If a held socket had the same tuple a moment before, it was that connection.
 */
export function indexHeldSockets(words: Words): (at: number) => boolean {
  const byHash = new Map<number, number[]>();
  for (let at = 0; at < words.bytes.length; at += EVENT_SIZE) {
    if (u32(words, at + Offset.pid) === 0) continue;
    const key = hash(words, at);
    const others = byHash.get(key);
    if (others === undefined) byHash.set(key, [at]);
    else others.push(at);
  }
  return (at) => {
    const inode = u64(words, at + Offset.inode);
    const isSame = (other: number): boolean =>
      (inode === 0 || inode === u64(words, other + Offset.inode)) && haveSameTuple(words, at, other);
    return byHash.get(hash(words, at))?.some(isSame) ?? false;
  };
}
