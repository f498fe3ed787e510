/** Run-time checks of library options; JavaScript callers have no type checker. */
import {usageError} from './errors.js';
import {cut, quote} from './basics/quote.js';

/** Formats any value for a message: as JSON, or as its type if JSON cannot express it. */
function format(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return String(value);
  try {
    const text = JSON.stringify(value) as unknown;
    return typeof text === 'string' ? cut(text) : typeof value;
  } catch {
    return typeof value;
  }
}

/** Returns a copy without the properties that are undefined. */
export function dropUndefined<T extends object>(options: T = {} as T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/** @throws TcptraceError (usage) if the value is not valid */
export function requireValid<T>(name: string, value: T, isValid: (value: T) => boolean): void {
  if (!isValid(value)) throw usageError(`${name}: invalid value ${format(value)}`);
}

/** @throws TcptraceError (usage) if this is not an array of valid values */
export function requireAll<T>(name: string, values: readonly T[], isValid: (value: T) => boolean): void {
  requireValid(name, values, Array.isArray);
  for (const value of values) requireValid(name, value, isValid);
}

/** @throws TcptraceError (usage) if this is not an array of known values */
export function refuseUnknown<T>(name: string, values: readonly T[], known: readonly T[]): void {
  requireValid(name, values, Array.isArray);
  for (const value of values)
    if (!known.includes(value))
      throw usageError(`${name}: invalid value ${format(value)}`, `use ${known.join(', ')}`);
}

/** @throws TcptraceError (usage) if this is not an object, or has a property with another name */
export function requireObject(name: string, value: unknown, properties: readonly string[]): void {
  requireValid(name, value, (it) => typeof it === 'object' && it !== null && !Array.isArray(it));
  const unknown = Object.keys(value as object).find((key) => !properties.includes(key));
  if (unknown !== undefined)
    throw usageError(`${name}: unknown property ${quote(unknown)}`, `use ${properties.join(', ')}`);
}
