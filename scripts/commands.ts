/** The commands, with the definitions of their flags. */
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import type {Flag as Definition} from '#dist/cli/flags/parse/define.js';

/** Properties of a flag that man pages and completion scripts show. */
export interface Flag extends Pick<Definition<unknown>, 'completion' | 'manual' | 'isNegation' | 'type'> {
  readonly name: string;
  readonly char?: string;
  readonly description?: string;
  readonly helpGroup?: string;
  readonly helpValue?: string;
  readonly hidden?: boolean;
}

export interface Command {
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly usage: string | readonly string[];
  readonly args: Readonly<Record<string, {readonly description?: string}>>;
  /** Words that the argument may be; none if it is a file. */
  readonly argumentWords: readonly string[];
  readonly flags: readonly Flag[];
  readonly examples: readonly {readonly description: string; readonly command: string}[];
}

export const root = fileURLToPath(new URL('../..', import.meta.url));

interface CommandClass extends Omit<Command, 'id' | 'flags' | 'args' | 'argumentWords'> {
  readonly flags?: Readonly<Record<string, Omit<Flag, 'name'>>>;
  readonly args?: Command['args'];
  readonly argumentWords?: readonly string[];
}

async function load(id: string): Promise<Command> {
  const {default: command} = (await import(`${root}/dist/commands/${id}.js`)) as {default: CommandClass};
  const {summary, description, usage, args = {}, argumentWords = [], flags = {}, examples} = command;
  const named = Object.entries(flags).map(([name, flag]) => ({...flag, name}));
  return {id, summary, description, usage, args, argumentWords, examples, flags: named};
}

const files = readdirSync(`${root}/dist/commands`).filter((name) => name.endsWith('.js'));

export const commands: readonly Command[] = await Promise.all(
  files.sort().map((name) => load(name.slice(0, -'.js'.length))),
);

/** Writes a generated file; with --check, reports a file that differs instead, and the process exits with 1. */
export function writeGenerated(path: string, text: string, known: string): void {
  if (known === text) return;
  if (process.argv.includes('--check')) {
    console.error(`lint: ${path} is out of date; run make manual`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, text);
  }
}

export function readIfExists(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
