import stringWidth from 'string-width';
import {PRINTABLE_ASCII} from './escape.js';

/** Returns the display width of escaped text. */
export function textWidth(text: string): number {
  return PRINTABLE_ASCII.test(text) ? text.length : stringWidth(text);
}

const ELLIPSIS = '…';

let graphemes: Intl.Segmenter | undefined;

function split(text: string): string[] {
  // created on demand, because the first one is slow
  graphemes ??= new Intl.Segmenter();
  return Array.from(graphemes.segment(text), ({segment}) => segment);
}

/** Returns the longest prefix of at most `width` columns. */
function take(characters: readonly string[], width: number): readonly string[] {
  let taken = 0;
  const end = characters.findIndex((character) => (taken += textWidth(character)) > width);
  return end === -1 ? characters : characters.slice(0, end);
}

/** Truncates text to `width` columns at its end. */
export function cutEnd(text: string, width: number): string {
  return textWidth(text) <= width ? text : take(split(text), width - 1).join('') + ELLIPSIS;
}

/** Truncates text to `width` columns in the middle, since names differ at the beginning and the end. */
export function cutMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const characters = split(text);
  const tail = take(characters.toReversed(), (width - 1) >> 1)
    .toReversed()
    .join('');
  return take(characters, width - 1 - textWidth(tail)).join('') + ELLIPSIS + tail;
}
