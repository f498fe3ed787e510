/** Completion scripts that the package contains. */
import {readFileSync} from 'node:fs';
import {usageError} from '../../model/errors.js';
import {quote} from '../../model/basics/quote.js';
import {createOutput} from '../../output/output.js';
import type {Streams} from '../io/streams.js';

const FILES: Readonly<Record<string, string>> = {
  bash: 'tcptrace.bash',
  zsh: '_tcptrace',
  fish: 'tcptrace.fish',
};

export const SHELLS = Object.keys(FILES);

/** @throws TcptraceError (usage) for an unknown shell */
export function parseShell(text: string): string {
  if (SHELLS.includes(text)) return text;
  throw usageError(`invalid value ${quote(text)}`, `use ${SHELLS.join(', ')}`);
}

/** Prints the script of a shell. @throws TcptraceError if the output failed */
export async function printCompletion(shell: string, {stdout}: Pick<Streams, 'stdout'>): Promise<void> {
  const file = new URL(`completions/${FILES[shell] ?? ''}`, import.meta.resolve('#package'));
  const output = createOutput(stdout);
  output.add(readFileSync(file, 'utf8'));
  await output.end();
}
