/** Flags of `tcptrace join`. */
import {JOINED_COLUMN_NAMES, type JoinedColumnName} from '../../format/joined/columns.js';
import {JOINED_FORMAT_NAMES} from '../../format/joined/formats.js';
import {parseDuration} from '../../model/units/duration.js';
import {switchFlag, valueFlag, type Values} from '../flags/parse/define.js';
import {formatFlags, readFormatOptions} from '../flags/format.js';
import {quietFlag} from '../flags/output.js';
import {readFileNames} from '../flags/recordings.js';
import type {PrintOptions} from '../io/printer.js';
import type {RecordingOptions} from '../io/recordings.js';

const DEFAULT_WINDOW_MS = 15 * 60_000;

export const joinFlags = {
  window: valueFlag({
    group: 'source',
    value: 'TIME',
    help: 'how long a closed socket waits for the events of its peer; more than the clocks differ; 15m by default',
    parse: parseDuration,
  }),
  strict: switchFlag({group: 'source', help: 'fail at a line that is not an event'}),
  ...formatFlags({formats: JOINED_FORMAT_NAMES, columns: JOINED_COLUMN_NAMES}),
  quiet: quietFlag('notices'),
};

export type JoinFlags = Values<typeof joinFlags>;

export interface JoinOptions extends RecordingOptions, PrintOptions<JoinedColumnName> {
  readonly windowMs: number;
  readonly quiet: boolean;
}

/** @throws TcptraceError (usage) if flags cannot be combined, or no recording is given */
export function readJoinOptions(names: readonly string[], flags: JoinFlags): JoinOptions {
  const {window: windowMs = DEFAULT_WINDOW_MS, strict, quiet} = flags;
  return {...readFormatOptions(flags), files: readFileNames(names, 'join'), windowMs, strict, quiet};
}
