import {usageError} from '../errors.js';
import {quote} from '../quote.js';

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

/** Formats bytes in a suitable unit, with at least three digits: `999`, `1.21K`, `12.3M`, `4.56G`. */
export function formatBytes(bytes: number): string {
  const units = ['', 'K', 'M', 'G', 'T', 'P'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes / 1000) / 10) + 1);
  return power === 0 ? String(bytes) : `${(bytes / 1024 ** power).toPrecision(3)}${units[power] ?? ''}`;
}
