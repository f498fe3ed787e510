import {usageError} from '../errors.js';
import {quote} from '../basics/quote.js';

const SHIFTS: Readonly<Record<string, number>> = {'': 0, K: 10, M: 20, G: 30, T: 40};

/**
 * Parses a size such as `64K`, `8M`, `8MiB` or `65536`; units are powers of 1024.
 *
 * @returns bytes, more than 0
 * @throws TcptraceError (usage) if the text is not a size, or more than `maxBytes`
 */
export function parseSize(text: string, maxBytes: number): number {
  const [, amount, unit] = /^(\d+)([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  if (amount === undefined || unit === undefined) {
    throw usageError(`invalid value ${quote(text)}`, 'use a size such as 64K, 8M or 8MiB');
  }
  const bytes = Number(amount) * 2 ** (SHIFTS[unit.toUpperCase()] ?? 0);
  if (bytes < 1 || bytes > maxBytes) {
    throw usageError(`invalid value ${quote(text)}`, `use a size from 1 to ${String(maxBytes / 2 ** 30)}G`);
  }
  return bytes;
}
