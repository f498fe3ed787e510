import {usageError} from './errors.js';

const SHIFTS: Readonly<Record<string, number>> = {'': 0, K: 10, M: 20, G: 30};

/** The addon's bound; the kernel's is not far above. */
const MAX_BYTES = 2 ** 30;

/**
 * Reads a size such as `64K`, `8M`, `8MiB` or `65536`; units are powers of 1024.
 *
 * @returns bytes, more than 0
 * @throws TcptraceError (usage) where the text is no size, or more than 1 GiB
 */
export function parseSize(text: string): number {
  const [, amount, unit] = /^(\d+)([KMG]?)(?:i?B)?$/i.exec(text) ?? [];
  if (amount === undefined || unit === undefined) {
    throw usageError(`not a size: ${JSON.stringify(text)}`, 'write 64K, 8M or 8MiB');
  }
  const bytes = Number(amount) * 2 ** (SHIFTS[unit.toUpperCase()] ?? 0);
  if (bytes < 1 || bytes > MAX_BYTES) {
    throw usageError(`out of range: ${JSON.stringify(text)}`, 'a size is 1 byte to 1G');
  }
  return bytes;
}

/** Bytes in the unit that suits them, three digits at least: `999`, `1.21K`, `12.3M`, `4.56G`. */
export function formatBytes(bytes: number): string {
  const units = ['', 'K', 'M', 'G', 'T', 'P'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes / 1000) / 10) + 1);
  return power === 0 ? String(bytes) : `${(bytes / 1024 ** power).toPrecision(3)}${units[power] ?? ''}`;
}
