/** Reads the commands and flags in oclif.manifest.json. */
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

export interface Flag {
  readonly name: string;
  readonly char?: string;
  readonly description?: string;
  readonly helpGroup?: string;
  readonly helpValue?: string;
  readonly options?: readonly string[];
  readonly type: 'boolean' | 'option';
}

export interface Command {
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly usage: string | readonly string[];
  readonly args: Readonly<Record<string, {readonly name: string; readonly description?: string}>>;
  readonly flags: Readonly<Record<string, Flag>>;
  readonly examples: readonly {readonly description: string; readonly command: string}[];
}

export const root = fileURLToPath(new URL('../..', import.meta.url));

const manifest = JSON.parse(readFileSync(`${root}/oclif.manifest.json`, 'utf8')) as {
  readonly commands: Readonly<Record<string, Command>>;
};

export const commands: readonly Command[] = Object.values(manifest.commands);
