import {Command} from '@oclif/core/command';
import type {ExitCode} from '../model/errors.js';

/** What every command is: flags in, exit code out. Errors go to main.ts, which prints them. */
export abstract class BaseCommand extends Command {
  /** oclif's own `--json` would lose exit codes and print its configuration with errors. */
  static override enableJsonFlag = false;

  abstract override run(): Promise<ExitCode>;

  /** Without what oclif adds. */
  protected override catch(error: Error): Promise<never> {
    return Promise.reject(error);
  }
}
