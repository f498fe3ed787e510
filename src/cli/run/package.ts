/** Reads the name and version of this program. */
import {readFileSync} from 'node:fs';

export function readPackage(): Readonly<Record<'name' | 'version', string>> {
  const file = new URL(import.meta.resolve('#package'));
  return JSON.parse(readFileSync(file, 'utf8')) as Record<'name' | 'version', string>;
}
