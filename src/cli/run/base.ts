import {Command} from '@oclif/core/command';
import type {Flags} from '../flags/parse/define.js';
import {type Accepted, type CommandLine, parseCommandLine} from './command-line.js';

/** Base class of all commands. A command returns an exit code; main.ts prints the errors that it throws. */
export abstract class BaseCommand extends Command {
  /** oclif's own `--json` would lose exit codes and print its configuration with errors. */
  static override enableJsonFlag = false;

  protected read<F extends Flags>(accepted: Accepted<F>): Promise<CommandLine<F>> {
    return parseCommandLine(accepted, this.argv);
  }

  /** @returns an exit code of model/errors.ts, or that of a traced command */
  abstract override run(): Promise<number>;

  /** Leaves errors to main.ts. */
  protected override catch(error: Error): Promise<never> {
    return Promise.reject(error);
  }
}

/** Joins the lines of each paragraph, because the help wraps them at the width of the terminal. */
export function prose(text: string): string {
  return text.replace(/(?<!\n)\n(?!\n)/g, ' ');
}
