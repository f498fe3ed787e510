/** Flags that select format and destination of the output. */
import {COLUMN_NAMES, type ColumnName} from '../../format/columns.js';
import {FORMAT_NAMES, FORMATS, type FormatName} from '../../format/formats.js';
import {TIME_STYLES} from '../../format/times.js';
import {usageError} from '../../model/errors.js';
import {notRotatable} from '../../output/output.js';
import {COLOR_CHOICES} from '../../terminal/color.js';
import {findDescriptor} from '../io/inherited-fd.js';
import type {OutputOptions} from '../io/printer.js';
import {choiceFlag, listFlag, switchFlag, valueFlag, type Values, withDefault} from './define.js';
import {readRotation, rotationFlags} from './rotation.js';
import {suggest} from './suggest.js';
import {invalidValue, parseNewFile} from './values.js';

function parseColumn(text: string): ColumnName {
  const name = COLUMN_NAMES.find((column) => column === text.toLowerCase());
  if (name !== undefined) return name;
  throw invalidValue(text, suggest(text, COLUMN_NAMES, `use ${COLUMN_NAMES.join(', ')}`));
}

/** Shared by all commands that print a table to stdout. */
export const colorFlag = withDefault(
  choiceFlag(COLOR_CHOICES, {group: 'output', value: 'WHEN', help: 'color in tables; auto by default'}),
  'auto',
);

/** @param what the command does not print with the flag, for the help */
export function quietFlag(what: string) {
  return switchFlag({char: 'q', group: 'output', help: `no ${what} on stderr`});
}

/** Parts of the help of --format, such as `wide has a column for every field`. */
const FORMAT_HELP = FORMAT_NAMES.flatMap((name) => {
  const {help} = FORMATS[name];
  return help === undefined ? [] : `${name} ${help}`;
});

export const outputFlags = {
  format: choiceFlag(FORMAT_NAMES, {
    char: 'o',
    group: 'output',
    value: 'FORMAT',
    help: ['table by default', ...FORMAT_HELP].join('; '),
  }),
  wide: switchFlag({group: 'output', help: 'the same as --format wide'}),
  ndjson: switchFlag({group: 'output', help: 'one line of JSON per event; the same as --format ndjson'}),
  columns: listFlag({
    group: 'output',
    value: 'NAME',
    help: `columns of the table: ${COLUMN_NAMES.join(', ')}`,
    parse: parseColumn,
    completion: {kind: 'list', words: COLUMN_NAMES},
  }),
  time: choiceFlag(TIME_STYLES, {
    group: 'output',
    value: 'STYLE',
    help: 'time of day in tables, or time since the first row or the previous row; absolute by default',
  }),
  color: colorFlag,
  output: valueFlag({
    group: 'output',
    value: 'FILE',
    help: 'append to a file (a new one has mode 0600) instead of writing to stdout',
    parse: parseNewFile,
    completion: {kind: 'file'},
  }),
  stats: switchFlag({
    group: 'output',
    help: 'at the end, tables by process and by remote address on stderr; bytes include those of open connections',
  }),
  ...rotationFlags,
};

export type OutputFlags = Values<typeof outputFlags>;

function readFormat({format, wide, ndjson}: OutputFlags): FormatName {
  const given = [
    ...(format === undefined ? [] : ['--format']),
    ...(wide ? ['--wide'] : []),
    ...(ndjson ? ['--ndjson'] : []),
  ];
  if (given.length > 1)
    throw usageError(`${given.slice(0, 2).join(' and ')} cannot be combined`, 'give one of them');
  return format ?? (wide ? 'wide' : ndjson ? 'ndjson' : 'table');
}

/** @throws TcptraceError (usage) if a flag would have no effect */
export function readOutputOptions(flags: OutputFlags): OutputOptions {
  const format = readFormat(flags);
  const {time, rotate, output, color, stats} = flags;
  const columns = flags.columns.length === 0 ? undefined : flags.columns;
  if (columns !== undefined && !FORMATS[format].flags.includes('columns'))
    throw usageError('--columns applies to the table only', `leave it out with ${format}`);
  if (time !== undefined && !FORMATS[format].flags.includes('time'))
    throw usageError('--time applies to tables only', `leave it out with ${format}`);
  if (time !== undefined && columns?.includes('time') === false)
    throw usageError('--time applies to the column time', 'add it to --columns');
  if (rotate !== undefined && output === undefined)
    throw usageError('--rotate needs a file', 'add --output FILE');
  if (flags.truncate && output === undefined)
    throw usageError('--truncate needs a file', 'add --output FILE');
  if (rotate !== undefined && output !== undefined && findDescriptor(output) !== undefined)
    throw notRotatable(output);
  return {
    format,
    columns,
    time: time ?? 'absolute',
    color,
    nameColumns: [],
    withNames: false,
    output,
    truncate: flags.truncate,
    rotation: readRotation(flags),
    stats,
  };
}
