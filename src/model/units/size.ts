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

/** @param base factor between two units */
function scale(value: number, base: number, units: readonly string[]): string {
  if (value < 1000) return String(value);
  let power = 1;
  while (power < units.length && Number((value / base ** power).toPrecision(3)) >= 1000) power += 1;
  return `${(value / base ** power).toPrecision(3)}${units[power - 1] ?? ''}`;
}

/** Formats bytes in a suitable unit of 1024, with at least three digits: `999`, `1.21K`, `12.3M`, `4.56G`. */
export function formatBytes(bytes: number): string {
  return scale(bytes, 1024, ['K', 'M', 'G', 'T', 'P', 'E']);
}

/** Formats a number with a decimal prefix, with at least three digits: `999`, `1.21k`, `12.3M`. */
export function formatDecimal(value: number): string {
  return scale(value, 1000, ['k', 'M', 'G', 'T', 'P', 'E']);
}
