/** Globs: `*` matches any text, `?` any one character. */
import {usageError} from '../model/errors.js';
import {quote} from '../model/basics/quote.js';

/** Longest glob, in UTF-16 code units. */
const MAX_LENGTH = 256;

/** Returns a valid glob. @throws TcptraceError (usage) if it is empty or longer than {@link MAX_LENGTH} */
export function checkGlob(glob: string): string {
  if (glob === '') throw usageError('not a name: ""', 'write a name, in which * is any text');
  if (glob.length <= MAX_LENGTH) return glob;
  throw usageError(`too long: ${quote(glob)}`, `write at most ${String(MAX_LENGTH)} characters`);
}

/**
 * Matches two lists of characters. After a mismatch, only the last `*` takes one more character, so the time is at most
 * proportional to the product of both lengths.
 */
function matches(glob: readonly string[], name: readonly string[]): boolean {
  let [at, position, star, resume] = [0, 0, -1, 0];
  while (position < name.length) {
    if (glob[at] === '*') {
      star = at++;
      resume = position;
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === name[position])) {
      at++;
      position++;
    } else if (star >= 0) {
      at = star + 1;
      position = ++resume;
    } else {
      return false;
    }
  }
  while (glob[at] === '*') at++;
  return at === glob.length;
}

/** Compiles one glob. */
export function compileGlob(glob: string): (name: string) => boolean {
  if (!/[*?]/.test(glob)) return (name) => name === glob;
  const characters = Array.from(glob);
  return (name) => matches(characters, Array.from(name));
}
