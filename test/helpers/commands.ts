/** The commands, and the options that each makes of a command line. */
import {compareFlags, readCompareOptions} from '#dist/cli/compare/options.js';
import {doctorFlags} from '#dist/cli/doctor/options.js';
import {joinFlags, readJoinOptions} from '#dist/cli/join/options.js';
import {listFlags, readListOptions} from '#dist/cli/list/options.js';
import {mapFlags, readMapOptions} from '#dist/cli/map/options.js';
import {readReplayOptions, replayFlags} from '#dist/cli/replay/options.js';
import {parseCommandLine} from '#dist/cli/run/command-line.js';
import {readTopOptions, topFlags} from '#dist/cli/top/options.js';
import {readWatchOptions, watchFlags} from '#dist/cli/watch/options.js';
import {type Explanation, explain} from '#dist/cli/run/errors.js';
import Compare from '#dist/commands/compare.js';
import type {Flags} from '#dist/cli/flags/parse/define.js';

export interface Command {
  readonly name: string;
  readonly flags: Flags;
  /** Number of arguments. */
  readonly files: number;
  /** Parses a command line as the command does. */
  readonly read: (argv: readonly string[]) => Promise<unknown>;
}

export const COMMANDS: readonly Command[] = [
  {
    name: 'watch',
    flags: watchFlags,
    files: 0,
    async read(argv) {
      const {flags, rest} = await parseCommandLine({flags: watchFlags, takesCommand: true}, argv);
      return readWatchOptions(flags, rest);
    },
  },
  {
    name: 'top',
    flags: topFlags,
    files: 0,
    read: async (argv) => readTopOptions((await parseCommandLine({flags: topFlags}, argv)).flags),
  },
  {
    name: 'list',
    flags: listFlags,
    files: 0,
    read: async (argv) => readListOptions((await parseCommandLine({flags: listFlags}, argv)).flags),
  },
  {name: 'schema', flags: {}, files: 0, read: (argv) => parseCommandLine({flags: {}}, argv)},
  {
    name: 'doctor',
    flags: doctorFlags,
    files: 0,
    read: async (argv) => (await parseCommandLine({flags: doctorFlags}, argv)).flags,
  },
  {
    name: 'replay',
    flags: replayFlags,
    files: 1,
    async read(argv) {
      const {flags, words} = await parseCommandLine({flags: replayFlags, takesManyWords: true}, argv);
      return readReplayOptions(words, flags);
    },
  },
  {
    name: 'join',
    flags: joinFlags,
    files: 1,
    async read(argv) {
      const {flags, words} = await parseCommandLine({flags: joinFlags, takesManyWords: true}, argv);
      return readJoinOptions(words, flags);
    },
  },
  {
    name: 'map',
    flags: mapFlags,
    files: 1,
    async read(argv) {
      const {flags, words} = await parseCommandLine({flags: mapFlags, takesManyWords: true}, argv);
      return readMapOptions(words, flags);
    },
  },
  {
    name: 'compare',
    flags: compareFlags,
    files: 2,
    async read(argv) {
      const {flags, words, given} = await parseCommandLine({flags: compareFlags, args: Compare.args}, argv);
      return readCompareOptions(words, flags, given);
    },
  },
];

/** Parses a command line that is invalid. @returns the message and the exit code */
export async function refusalOf({name, read}: Command, argv: readonly string[]): Promise<Explanation> {
  try {
    await read(argv);
  } catch (error) {
    return explain(error, name);
  }
  throw new Error(`tcptrace ${[name, ...argv].join(' ')} was not refused`);
}
