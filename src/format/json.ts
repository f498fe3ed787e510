import {replaceUnsafe} from '../terminal/escape.js';

/** By UTF-16 code units, as JSON has it. A line feed is one between values: that of a text has become `\n`. */
function escapeCharacter(character: string): string {
  if (character === '\n') return character;
  const units = character.split('');
  return units.map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
}

/**
 * JSON that is safe to print, and the same to every parser: what JSON.stringify leaves of what must not reach a terminal
 * is escaped, too.
 *
 * @param indent spaces for each level; none is all in one line
 */
export function formatJson(value: unknown, indent = 0): string {
  return replaceUnsafe(JSON.stringify(value, null, indent), escapeCharacter);
}
