/** Globs in the form in which the kernel compares names with them. */

const BYTES = 256;
const PLACES = 64;
/** Behind the steps. */
const [STAYS, STARTS, ENDS] = [BYTES, BYTES + 1, BYTES + 2];
const STAR = 0x2a;

/** Whether a name's bytes tell as much as its characters: not where one stands for any, or for bytes that are none. */
function isOfBytes(glob: string): boolean {
  return !/[?\uFFFD]/.test(glob) && Buffer.from(glob).toString() === glob;
}

/**
 * Makes the words of struct glob_automaton of bpf/owner_test.h.
 *
 * @returns undefined where the kernel cannot decide, or there are more characters than it has room for
 */
export function compileGlobs(globs: readonly string[]): BigUint64Array | undefined {
  const words = new BigUint64Array(BYTES + 3);
  const add = (word: number, place: number): void => {
    words[word] = (words[word] as bigint) | (1n << BigInt(place));
  };
  let place = 0;
  for (const glob of globs) {
    const bytes = Buffer.from(glob.replace(/\*+/g, '*'));
    if (!isOfBytes(glob) || place + bytes.length >= PLACES) return undefined;
    add(STARTS, place);
    if (bytes[0] === STAR) add(STARTS, place + 1);
    for (const byte of bytes) add(byte === STAR ? STAYS : byte, place++);
    add(ENDS, place++);
  }
  return words;
}
