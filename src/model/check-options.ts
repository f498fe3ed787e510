/** Run-time checks of library options; JavaScript callers have no type checker. */
import {usageError} from './errors.js';

/** Returns the options without properties that are undefined. */
export function given<T extends object>(options: T = {} as T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/** @throws TcptraceError (usage) if a value is invalid */
export function requireAll<T>(name: string, values: readonly T[], isValid: (value: T) => boolean): void {
  const at = values.findIndex((value) => !isValid(value));
  if (at >= 0) throw usageError(`${name}: invalid value ${JSON.stringify(values[at])}`);
}

/** @throws TcptraceError (usage) if a value is not one of the known ones */
export function refuseUnknown<T>(name: string, values: readonly T[], known: readonly T[]): void {
  const unknown = values.find((value) => !known.includes(value));
  if (unknown !== undefined)
    throw usageError(`${name}: ${JSON.stringify(unknown)} is unknown`, `give ${known.join(', ')}`);
}
