import stringWidth from 'string-width';
import {PRINTABLE_ASCII} from './escape.js';

/** Columns that safe text takes on a terminal. */
export function textWidth(text: string): number {
  return PRINTABLE_ASCII.test(text) ? text.length : stringWidth(text);
}

const ELLIPSIS = '…';

let graphemes: Intl.Segmenter | undefined;

function split(text: string): string[] {
  // 20 ms for the first of a process
  graphemes ??= new Intl.Segmenter();
  return Array.from(graphemes.segment(text), ({segment}) => segment);
}

/** The longest beginning that takes no more columns. */
function take(characters: readonly string[], width: number): readonly string[] {
  let taken = 0;
  const end = characters.findIndex((character) => (taken += textWidth(character)) > width);
  return end === -1 ? characters : characters.slice(0, end);
}

/** @returns text of no more than so many columns, whose end may be missing */
export function cutEnd(text: string, width: number): string {
  return textWidth(text) <= width ? text : take(split(text), width - 1).join('') + ELLIPSIS;
}

/** The same without its middle, since names differ at their ends. */
export function cutMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const characters = split(text);
  const tail = take(characters.toReversed(), (width - 1) >> 1)
    .toReversed()
    .join('');
  return take(characters, width - 1 - textWidth(tail)).join('') + ELLIPSIS + tail;
}
