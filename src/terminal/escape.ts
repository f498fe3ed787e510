/**
 * Characters that must not reach a terminal: controls (C0, DEL, C1), format characters (bidi, zero width, tags),
 * line and paragraph separators, surrogates, private and unassigned code points, unusual spaces, and characters that a
 * terminal may draw as nothing.
 */
const UNSAFE =
  /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u00a0\u2000-\u200a\u202f\u205f\u2800\u3000]/gu;

/** Fast path: nothing to escape, one column per character. */
export const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code <= 0xff ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
}

/** Replaces unsafe characters. @param escape returns the printable replacement of one character */
export function replaceUnsafe(text: string, escape: (character: string) => string): string {
  return PRINTABLE_ASCII.test(text) ? text : text.replace(UNSAFE, escape);
}

/** Makes untrusted text safe to print: replaces unsafe characters by `\xNN` or `\u{NNNN}`. */
export function escapeText(text: string): string {
  return replaceUnsafe(text, escapeCharacter);
}
