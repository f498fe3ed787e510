/** Flags that select format and destination of events. */
import {COLUMN_NAMES, type ColumnName} from '../../format/table/columns.js';
import {FORMAT_NAMES} from '../../format/formats.js';
import {TIME_STYLES} from '../../format/times.js';
import {usageError} from '../../model/errors.js';
import {notRotatable} from '../../output/output.js';
import {findDescriptor} from '../io/inherited-fd.js';
import type {OutputOptions} from '../io/printer.js';
import {choiceFlag, switchFlag, type Values} from './parse/define.js';
import {checkFormatFlag, formatFlags, readFormatOptions} from './format.js';
import {readRotation, rotationFlags} from './rotation.js';

/** @param what the command does not print with the flag, for the help */
export function quietFlag(what: string) {
  return switchFlag({char: 'q', group: 'output', help: `no ${what} on stderr`});
}

export const timeFlag = choiceFlag(TIME_STYLES, {
  group: 'output',
  value: 'STYLE',
  help: 'time of day in tables, or time since the first row or the previous row; absolute by default',
});

export const outputFlags = {
  ...formatFlags<ColumnName>({formats: FORMAT_NAMES, columns: COLUMN_NAMES}),
  time: timeFlag,
  stats: switchFlag({
    group: 'output',
    help: 'at the end, totals by process and by remote address on stderr, in the same format; bytes include those of open connections',
  }),
  ...rotationFlags,
};

export type OutputFlags = Values<typeof outputFlags>;

/** @throws TcptraceError (usage) if a flag would have no effect */
export function readOutputOptions(flags: OutputFlags): OutputOptions {
  const options = readFormatOptions(flags);
  const {format, columns, output} = options;
  const {time, rotate, stats} = flags;
  checkFormatFlag(format, 'time', time !== undefined);
  if (time !== undefined && columns?.includes('time') === false)
    throw usageError('--time applies to the column time', 'add it to --columns');
  if (rotate !== undefined && output === undefined)
    throw usageError('--rotate needs a file', 'add --output FILE');
  if (rotate !== undefined && output !== undefined && findDescriptor(output) !== undefined)
    throw notRotatable(output);
  if (rotate !== undefined && format === 'json')
    throw usageError('--rotate divides the JSON document', 'use ndjson');
  return {
    ...options,
    time: time ?? 'absolute',
    nameColumns: [],
    withNames: false,
    rotation: readRotation(flags),
    stats,
  };
}
