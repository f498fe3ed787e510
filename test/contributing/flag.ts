import type {Change} from './change.js';

/** `tcptrace replay --every N` prints each Nth event. */
export const FLAG: Change = {
  heading: 'Add a flag',
  edits: [
    {
      file: 'src/cli/replay/options.ts',
      at: /^export const replayFlags = \{\n/m,
      text: `$&  every: valueFlag({group: 'output', value: 'N', help: 'print each Nth event', parse: parseCount}),\n`,
    },
    {
      file: 'src/cli/replay/options.ts',
      at: /^export interface ReplayOptions .*\{\n/m,
      text: `$&  readonly every: number;\n`,
    },
    {
      file: 'src/cli/replay/options.ts',
      at: /^ {4}files: readFileNames\(.*\n/m,
      text: `$&    every: flags.every ?? 1,\n`,
    },
    {
      file: 'src/cli/replay/session.ts',
      at: /^ {4}const accepts = \(event: TraceEvent\): boolean => (.*);\n/m,
      text: `    let seen = 0;\n    const accepts = (event: TraceEvent): boolean => $1 && seen++ % options.every === 0;\n`,
    },
    {
      file: 'test/cli/flags.test.ts',
      at: /^const WRONG: .*\n/m,
      text: `$&  every: NUMBER,\n`,
    },
  ],
};
