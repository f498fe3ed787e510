/** What a program gives as options: its types say what is right, and it may be none that checks them. */
import {usageError} from './errors.js';

/** The same without what is there, but undefined. */
export function given<T extends object>(options: T = {} as T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/** @throws TcptraceError (usage) where one of these values is not as it has to be */
export function requireAll<T>(name: string, values: readonly T[], isRight: (value: T) => boolean): void {
  const isWrong = (value: T): boolean => !isRight(value);
  const at = values.findIndex(isWrong);
  if (at >= 0) throw usageError(`${name}: ${JSON.stringify(values[at])} is wrong here`);
}

/** @throws TcptraceError (usage) where it is not one of what is known */
export function refuseUnknown<T>(name: string, values: readonly T[], known: readonly T[]): void {
  const unknown = values.find((value) => !known.includes(value));
  if (unknown !== undefined)
    throw usageError(`${name}: ${JSON.stringify(unknown)} is unknown`, `give ${known.join(', ')}`);
}
