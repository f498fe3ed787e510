/** Reads JSON files of other programs, without an assumption about their shape. */
import {readFileSync, statSync} from 'node:fs';

const MAX_FILE_BYTES = 16 << 20;
const MAX_TEXT_LENGTH = 256;

/** Returns undefined if the file is missing, unreadable or larger than 16 MiB. */
export function readSmallBytes(path: string): Buffer | undefined {
  try {
    return statSync(path).size > MAX_FILE_BYTES ? undefined : readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Like readSmallBytes(), as UTF-8. */
export function readSmallFile(path: string): string | undefined {
  return readSmallBytes(path)?.toString();
}

/** Returns undefined if the file is missing or is not JSON. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readSmallFile(path) ?? '');
  } catch {
    return undefined;
  }
}

/** Follows own keys; undefined if one is missing. */
export function get(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

export function getText(value: unknown, ...keys: readonly string[]): string | undefined {
  const text = get(value, ...keys);
  return typeof text === 'string' && text !== '' ? text.slice(0, MAX_TEXT_LENGTH) : undefined;
}
