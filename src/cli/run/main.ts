/** Runs the command that argv names, prints its error, and sets the exit code. */
import {setImmediate} from 'node:timers/promises';
import type {TcptraceError} from '../../model/errors.js';
import {outputError} from '../../output/output.js';
import {explain} from './errors.js';
import {readCommandNames, readFlagShapes} from './manifest.js';
import {readPackage} from './package.js';
import {splitAtDashes, type Token, tokenize} from './tokens.js';

const HELP = ['-h', '--help'];

/** Replaces `-h` by `--help`, and joins a value `-h` to its flag, because oclif would take such a value for the flag. */
function spellHelp(tokens: readonly Token[]): string[] {
  return tokens.flatMap(({kind, text}, index): readonly string[] => {
    const next = tokens[index + 1];
    if (kind === 'flag' && next?.kind === 'value' && HELP.includes(next.text))
      return [`${text}${text.startsWith('--') ? '=' : ''}${next.text}`];
    if (kind === 'value' && HELP.includes(text)) return [];
    return [kind !== 'value' && text === '-h' ? '--help' : text];
  });
}

/** Converts `tcptrace help watch` and `tcptrace watch -h` to `tcptrace watch --help`; `-h` in `--comm -h` is a value. */
function normalize(argv: readonly string[]): readonly string[] {
  const [first = '', ...others] = argv;
  if (first === 'help') return [...others, '--help'];
  const {own, rest} = splitAtDashes(argv);
  if (!own.some((word) => HELP.includes(word))) return argv;
  const words = spellHelp(tokenize(own, first.startsWith('-') ? {} : readFlagShapes(first)));
  return rest === undefined ? words : [...words, '--', ...rest];
}

/** Records a failed write of the help, which oclif prints. */
interface StdoutWatch {
  failure: TcptraceError | undefined;
}

/** Replaces oclif's listener, which throws if stdout fails and so ends the process with a stack trace. */
function watchStdout(): StdoutWatch {
  const watch: StdoutWatch = {failure: undefined};
  process.stdout.removeAllListeners('error');
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') watch.failure ??= outputError(error);
  });
  return watch;
}

function report(error: unknown, argv: readonly string[]): void {
  const [command] = argv.filter((word) => !word.startsWith('-'));
  const {line, exitCode} = explain(error, command, readCommandNames);
  if (line !== undefined) {
    process.stderr.write(`tcptrace: ${line}\n`);
    if (process.env.DEBUG?.includes('tcptrace') === true) console.error(error);
  }
  process.exitCode = exitCode;
}

/** Prints the line of oclif's `--version` without loading oclif. */
function printVersion(): void {
  const {name, version} = readPackage();
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
}

const VERSION = ['--version', '-V', 'version'];

/** Loads oclif, whose listener on stdout must exist before it is removed. */
async function loadCommands(): Promise<(words: readonly string[]) => Promise<unknown>> {
  return (await import('./run-command.js')).runCommand;
}

/** Runs one command; sets the exit code and lets Node.js exit when all output is written. */
export async function main(argv: readonly string[]): Promise<void> {
  const words = normalize(argv);
  const run = VERSION.includes(words[0] ?? '') ? printVersion : await loadCommands();
  const stdout = watchStdout();
  process.stderr.on('error', () => undefined);
  try {
    const exitCode = await run(words);
    if (typeof exitCode === 'number') {
      process.exitCode = exitCode;
      return;
    }
    await setImmediate(); // a failed write is reported by then
    if (stdout.failure !== undefined) throw stdout.failure;
  } catch (error) {
    report(error, words);
  }
}
