/** Any error -> the one line that a user gets, and the exit code. */
import {ExitCode, TcptraceError} from '../../model/errors.js';
import {escapeText} from '../../terminal/escape.js';

export interface Explanation {
  /** Undefined where there is nothing to say. */
  readonly line: string | undefined;
  readonly exitCode: number;
}

/** Errors of the command line parser carry their exit code so. */
interface ParserError extends Error {
  readonly oclif: {readonly exit?: number};
  readonly code?: string;
}

function isParserError(error: unknown): error is ParserError {
  return error instanceof Error && 'oclif' in error && typeof error.oclif === 'object';
}

const REWORDED: readonly (readonly [RegExp, string])[] = [
  [/^command (-.*) not found$/i, 'unknown flag: $1'],
  [/^command (.*) not found\.?$/i, 'unknown command: "$1"'],
  [/^Unexpected argument: ?(.*)$/, 'unexpected argument: "$1"'],
  [/^Nonexistent flags?: /, 'unknown flag: '],
  [/^Expected --([\w-]+)=(.*) to be one of: (.*)$/, '--$1: "$2" is none of $3'],
  [/^Flag (--[\w-]+) /, '$1 '],
  [/^Missing \d+ required args?: (\S+).*$/, 'missing argument: $1'],
];

function reword(message: string): string {
  let text = message.replace(/\s*See more help with --help\s*$/, '').replaceAll(/\s*\n\s*/g, ' ');
  for (const [pattern, replacement] of REWORDED) text = text.replace(pattern, replacement);
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** One line, also where what it quotes, such as the name of a file, has line feeds or escape sequences. */
function join(message: string, hint: string | undefined): string {
  return escapeText(hint === undefined ? message : `${message}; ${hint}`);
}

function hintOn(line: string, command: string | undefined): string {
  if (command === 'watch' && line.startsWith('unexpected argument'))
    return 'to trace a command, write it behind --';
  const isKnown = command !== undefined && !line.startsWith('unknown command');
  return `see tcptrace ${isKnown ? `${command} ` : ''}--help`;
}

/** @param command what was asked for, such as `watch`, if that is known */
export function explain(error: unknown, command: string | undefined): Explanation {
  if (error instanceof TcptraceError) {
    return {line: join(error.message, error.hint), exitCode: error.exitCode};
  }
  if (isParserError(error)) {
    const exitCode = error.oclif.exit ?? ExitCode.USAGE;
    if (error.code === 'EEXIT') return {line: undefined, exitCode};
    const line = reword(error.message);
    return {line: join(line, hintOn(line, command)), exitCode};
  }
  if (error instanceof Error && 'code' in error && error.code === 'EMFILE')
    return {line: join('too many open files', 'raise ulimit -n'), exitCode: ExitCode.FAILURE};
  const message = error instanceof Error ? error.message : String(error);
  const [first = ''] = message.split('\n');
  return {line: join(`unexpected error: ${first}`, 'DEBUG=tcptrace shows where'), exitCode: ExitCode.FAILURE};
}
