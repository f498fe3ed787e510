/** From argv to an exit code. */
import {readFileSync} from 'node:fs';
import {setImmediate} from 'node:timers/promises';
import type {TcptraceError} from '../../model/errors.js';
import {outputError} from '../../output/output.js';
import {explain} from './errors.js';

/** `tcptrace help watch` and `-h` say what `--help` says. */
function normalize(argv: readonly string[]): string[] {
  const [first, ...rest] = argv;
  if (first === 'help') return [...rest, '--help'];
  // what is behind it is another program's
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  return argv.map((word, index) => (word === '-h' && index < end ? '--help' : word));
}

/** The help is written by oclif: what became of it is known here only. */
interface StdoutWatch {
  failure: TcptraceError | undefined;
}

/** oclif's own listener throws where stdout fails, which would end the process with a stack trace. */
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
  const {line, exitCode} = explain(error, command);
  if (line !== undefined) {
    process.stderr.write(`tcptrace: ${line}\n`);
    if (process.env.DEBUG?.includes('tcptrace') === true) console.error(error);
  }
  process.exitCode = exitCode;
}

/** As oclif writes it, without the time that it takes to load it. */
function printVersion(): void {
  const file = new URL(import.meta.resolve('#package'));
  const {name, version} = JSON.parse(readFileSync(file, 'utf8')) as Record<'name' | 'version', string>;
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
}

/** oclif's listener on stdout is there before it is removed. */
async function loadCommands(): Promise<(words: readonly string[]) => Promise<unknown>> {
  return (await import('./run-command.js')).runCommand;
}

/** Runs one command; sets the exit code and leaves it to Node.js to end when all is written. */
export async function main(argv: readonly string[]): Promise<void> {
  const words = normalize(argv);
  const run = words[0] === '--version' ? printVersion : await loadCommands();
  const stdout = watchStdout();
  process.stderr.on('error', () => undefined);
  try {
    const exitCode = await run(words);
    if (typeof exitCode === 'number') {
      process.exitCode = exitCode;
      return;
    }
    await setImmediate(); // by then a failed write has been told
    if (stdout.failure !== undefined) throw stdout.failure;
  } catch (error) {
    report(error, words);
  }
}
