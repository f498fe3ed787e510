import {FIELDS} from './fields.js';
import {compileCheck} from './schema/value-type.js';

/** Returns true for a text that a recording may have as `host`. */
export function isHostName(name: unknown): boolean {
  const field = FIELDS.find((known) => known.name === 'host');
  return field !== undefined && name !== '' && compileCheck(field.value)(name);
}
