/** Converts any error to the line that the user sees and the exit code. */
import {ExitCode, TcptraceError} from '../../model/errors.js';
import {escapeText} from '../../terminal/escape.js';
import {findSimilar} from '../flags/parse/suggest.js';

export interface Explanation {
  /** Undefined if there is nothing to print. */
  readonly line: string | undefined;
  readonly exitCode: number;
}

/** An error of oclif's parser, with its exit code. */
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
  [/^Flag (--[\w-]+) /, '$1 '],
  [/^Missing \d+ required args?: (\S+).*$/, 'missing argument: $1'],
];

/** Longest message of oclif that is printed; a longer one is cut. */
const MAX_LENGTH = 200;

function reword(message: string): string {
  let text = message.replace(/\s*See more help with --help\s*$/, '').replaceAll(/\s*\n\s*/g, ' ');
  for (const [pattern, replacement] of REWORDED) text = text.replace(pattern, replacement);
  if (text.length > MAX_LENGTH) text = `${text.slice(0, MAX_LENGTH)}...`;
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Joins message and hint to one line; escapes line feeds and escape sequences in quoted text. */
function join(message: string, hint: string | undefined): string {
  return escapeText(hint === undefined ? message : `${message}; ${hint}`);
}

function hintOn(line: string, command: string | undefined, readCommands: () => readonly string[]): string {
  const isUnknown = command !== undefined && line.startsWith('unknown command');
  const similar = isUnknown ? findSimilar(command, readCommands()) : undefined;
  if (similar !== undefined) return `did you mean "${similar}"?`;
  return `see tcptrace ${isUnknown || command === undefined ? '' : `${command} `}--help`;
}

/** Messages after which a pointer to --help is useful. */
const NEEDS_HELP = /^(?:unknown flag|unexpected argument)/;

function explainOwn({message, hint, exitCode}: TcptraceError, command: string | undefined): Explanation {
  const help = NEEDS_HELP.test(message)
    ? `see tcptrace ${command === undefined ? '' : `${command} `}--help`
    : undefined;
  return {line: join(message, hint ?? help), exitCode};
}

/**
 * Explains any error.
 *
 * @param command name of the command, such as `watch`, if it is known
 * @param readCommands returns the names of all commands, for a suggestion; called only if a command is unknown
 */
export function explain(
  error: unknown,
  command: string | undefined,
  readCommands: () => readonly string[] = () => [],
): Explanation {
  if (error instanceof TcptraceError) return explainOwn(error, command);
  if (isParserError(error)) {
    const exitCode = error.oclif.exit ?? ExitCode.USAGE;
    if (error.code === 'EEXIT') return {line: undefined, exitCode};
    const line = reword(error.message);
    return {line: join(line, hintOn(line, command, readCommands)), exitCode};
  }
  if (error instanceof Error && 'code' in error && error.code === 'EMFILE')
    return {line: join('too many open files', 'raise ulimit -n'), exitCode: ExitCode.FAILURE};
  const message = error instanceof Error ? error.message : String(error);
  const [first = ''] = message.split('\n');
  return {line: join(`unexpected error: ${first}`, 'DEBUG=tcptrace shows where'), exitCode: ExitCode.FAILURE};
}
