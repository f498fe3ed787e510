import {Command} from '@oclif/core/command';
import {boolean, option, string} from '@oclif/core/flags';
import type {ExitCode} from '../model/errors.js';
import {COLOR_CHOICES} from '../terminal/color.js';

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

/** May be repeated; values with commas between them are taken apart later. */
export const several = {multiple: true, multipleNonGreedy: true} as const;

/** oclif's parser takes digits for short flags; only its types do not know. */
const FOUR = '4' as unknown as 'a';
const SIX = '6' as unknown as 'a';

/** FilterFlags of filter-options.ts. */
export const filterFlags = {
  pid: string({
    ...several,
    char: 'p',
    helpGroup: 'filter',
    helpValue: 'PID',
    description: 'process in whose name it happens, or that holds or made the connection',
  }),
  port: string({
    ...several,
    char: 'P',
    helpGroup: 'filter',
    helpValue: 'PORT',
    description: 'port at either end',
  }),
  ipv4: boolean({char: FOUR, helpGroup: 'filter', description: 'IPv4, also through IPv6 sockets'}),
  ipv6: boolean({char: SIX, helpGroup: 'filter', description: 'IPv6'}),
};

/** Flags of every command that prints a table to stdout. */
export const colorFlags = {
  color: option({
    options: COLOR_CHOICES,
    default: 'auto',
    helpGroup: 'output',
    description: 'colour in the table',
  })(),
};

export const btfFlags = {
  btf: string({
    helpGroup: 'source',
    helpValue: 'FILE',
    description: "the running kernel's types, where they are not in /sys/kernel/btf/vmlinux",
  }),
};
