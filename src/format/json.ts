import {replaceUnsafe} from '../terminal/escape.js';

/** Escapes UTF-16 code units. A line feed is white space here: JSON.stringify() escapes those of texts. */
function escapeCharacter(character: string): string {
  if (character === '\n') return character;
  const units = character.split('');
  return units.map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
}

/**
 * Formats a value as JSON that is safe to print: also escapes the characters that JSON.stringify() keeps and a terminal
 * would interpret.
 *
 * @param indent spaces for each level; 0 formats one line
 */
export function formatJson(value: unknown, indent = 0): string {
  return replaceUnsafe(JSON.stringify(value, null, indent), escapeCharacter);
}
