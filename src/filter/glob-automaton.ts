/** Compiles globs to struct glob_automaton of bpf/filter_config.h, for the kernel. */
import {GLOB_POSITIONS_MAX, GlobAutomatonOffset} from '../kernel/layout.js';

const WORD_BYTES = 8;
const [STEPS, STARS, STARTS, ACCEPTS] = [
  GlobAutomatonOffset.steps / WORD_BYTES,
  GlobAutomatonOffset.stars / WORD_BYTES,
  GlobAutomatonOffset.starts / WORD_BYTES,
  GlobAutomatonOffset.accepts / WORD_BYTES,
] as const;
const WORDS = ACCEPTS + 1;
const STAR = 0x2a;

/** Returns false if bytes are not enough to match: `?` is a whole character, U+FFFD stands for invalid bytes. */
function isDecidedByBytes(glob: string): boolean {
  return !/[?\uFFFD]/.test(glob) && Buffer.from(glob).toString() === glob;
}

/**
 * Compiles globs to one automaton.
 *
 * @returns its words; undefined if a glob cannot be matched by bytes, or if the globs are too long
 */
export function compileGlobs(globs: readonly string[]): BigUint64Array | undefined {
  const words = new BigUint64Array(WORDS);
  const add = (word: number, position: number): void => {
    words[word] = (words[word] as bigint) | (1n << BigInt(position));
  };
  let position = 0;
  for (const glob of globs) {
    const bytes = Buffer.from(glob.replace(/\*+/g, '*'));
    if (!isDecidedByBytes(glob) || position + bytes.length >= GLOB_POSITIONS_MAX) return undefined;
    add(STARTS, position);
    if (bytes[0] === STAR) add(STARTS, position + 1);
    for (const byte of bytes) add(byte === STAR ? STARS : STEPS + byte, position++);
    add(ACCEPTS, position++);
  }
  return words;
}
