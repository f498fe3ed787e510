/** Formats a joined connection as JSON on one line. */
import type {JoinedConnection} from '../../aggregate/join/connection.js';
import {formatJson} from '../json.js';
import {JOINED_FIELDS} from './fields.js';

/** Texts that JSON does not escape, such as times and addresses; most do not repeat. */
const PLAIN = /^[\w .:/-]*$/;

const PARTS = JOINED_FIELDS.map(({name, read}) => ({part: `,"${name}":`, read}));

function formatValue(value: string | number): string {
  if (typeof value === 'number') return String(value);
  return PLAIN.test(value) ? `"${value}"` : formatJson(value);
}

/** Unknown fields are absent. */
export function formatJoined(connection: JoinedConnection): string {
  let text = '';
  for (const {part, read} of PARTS) {
    const value = read(connection);
    if (value !== undefined) text += part + formatValue(value);
  }
  return `{${text.slice(1)}}`;
}
