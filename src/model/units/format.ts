/** Text of numbers in a suitable unit. Imports nothing, because the page of a map has it, too. */

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

/** Formats microseconds in a suitable unit, without rounding: `153us`, `1.234ms`, `12.345678s`. */
export function formatMicroseconds(us: number): string {
  if (us < 1000) return `${String(us)}us`;
  if (us < 1_000_000) return `${String(us / 1000)}ms`;
  return `${String(us / 1_000_000)}s`;
}
