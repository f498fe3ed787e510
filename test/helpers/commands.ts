/** Parses the arguments of each command with oclif's parser and the command's own reader of options. */
import * as Parser from '@oclif/core/parser';
import type {examine} from '#dist/cli/doctor/session.js';
import {readCompareOptions} from '#dist/cli/compare/options.js';
import {readListOptions} from '#dist/cli/list/options.js';
import {readReplayOptions} from '#dist/cli/replay/options.js';
import {readTopOptions} from '#dist/cli/top/options.js';
import {readWatchOptions} from '#dist/cli/watch/options.js';
import Compare from '#dist/commands/compare.js';
import Doctor from '#dist/commands/doctor.js';
import List from '#dist/commands/list.js';
import Replay from '#dist/commands/replay.js';
import Schema from '#dist/commands/schema.js';
import Top from '#dist/commands/top.js';
import Watch from '#dist/commands/watch.js';

/** The static properties of a command class that the parser needs. */
export interface Command {
  readonly name: string;
  readonly flags: object;
  readonly args?: object;
}

/** Parses like the commands; their readers of options determine the type of the flags. */
async function parse<Read extends (...args: never[]) => unknown>(command: Command, argv: readonly string[]) {
  const {flags, args} = await Parser.parse([...argv], {...command} as never);
  return {flags: flags as Extract<Parameters<Read>[number], {color: unknown}>, args};
}

/** Returns the positional arguments. */
function filesOf(args: object): string[] {
  return Object.values(args).filter((value: unknown) => typeof value === 'string');
}

/** Each command, its number of file arguments, and a function that reads options like its run(). */
export const COMMANDS: readonly (readonly [
  Command,
  files: number,
  read: (argv: readonly string[]) => Promise<unknown>,
])[] = [
  [
    Watch,
    0,
    async (argv) => {
      const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
      const {flags} = await parse<typeof readWatchOptions>(Watch, argv.slice(0, end));
      return readWatchOptions(flags, end < argv.length ? argv.slice(end + 1) : undefined);
    },
  ],
  [Top, 0, async (argv) => readTopOptions((await parse<typeof readTopOptions>(Top, argv)).flags)],
  [List, 0, async (argv) => readListOptions((await parse<typeof readListOptions>(List, argv)).flags)],
  [Schema, 0, async (argv) => Parser.parse([...argv], {flags: Schema.flags})],
  [Doctor, 0, async (argv) => parse<typeof examine>(Doctor, argv)],
  [
    Replay,
    1,
    async (argv) => {
      const {flags, args} = await parse<typeof readReplayOptions>(Replay, argv);
      return readReplayOptions(filesOf(args)[0] ?? '', flags);
    },
  ],
  [
    Compare,
    2,
    async (argv) => {
      const {flags, args} = await parse<typeof readCompareOptions>(Compare, argv);
      return readCompareOptions(filesOf(args), flags);
    },
  ],
];
