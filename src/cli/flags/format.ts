/** Flags of the output that every command has which prints events, sockets or a report. */
import {type FormatFlag, FORMATS, type FormatName} from '../../format/formats.js';
import {usageError} from '../../model/errors.js';
import {COLOR_CHOICES, type ColorChoice} from '../../terminal/color.js';
import type {PrintOptions} from '../io/printer.js';
import {choiceFlag, listFlag, switchFlag, valueFlag, withDefault} from './parse/define.js';
import {suggest} from './parse/suggest.js';
import {invalidValue, parseNewFile} from './parse/values.js';

export const colorFlag = withDefault(
  choiceFlag(COLOR_CHOICES, {group: 'output', value: 'WHEN', help: 'color in tables; auto by default'}),
  'auto',
);

function parseColumn<Column extends string>(text: string, columns: readonly Column[]): Column {
  const name = columns.find((column) => column === text.toLowerCase());
  if (name !== undefined) return name;
  throw invalidValue(text, suggest(text, columns, `use ${columns.join(', ')}`));
}

/** Parts of the help of --format, such as `wide has a column for every field`. */
function describeFormats(formats: readonly FormatName[]): readonly string[] {
  return formats.flatMap((name) => {
    const {help} = FORMATS[name];
    return help === undefined ? [] : `${name} ${help}`;
  });
}

/** Formats and columns that the flags of a command offer. */
export interface Formats<Column extends string> {
  readonly formats: readonly FormatName[];
  /** Columns of its table. */
  readonly columns: readonly Column[];
  /** Continues the help of --format. */
  readonly note?: string;
}

export function formatFlags<Column extends string>({formats, columns, note}: Formats<Column>) {
  const help = ['table by default', ...describeFormats(formats), ...(note === undefined ? [] : [note])];
  return {
    format: choiceFlag(formats, {char: 'o', group: 'output', value: 'FORMAT', help: help.join('; ')}),
    wide: switchFlag({group: 'output', help: 'the same as --format wide'}),
    json: switchFlag({group: 'output', help: 'the same as --format json'}),
    ndjson: switchFlag({group: 'output', help: 'the same as --format ndjson'}),
    columns: listFlag({
      group: 'output',
      value: 'NAME',
      help: `columns of the table: ${columns.join(', ')}`,
      parse: (text) => parseColumn(text, columns),
      completion: {kind: 'list', words: columns},
    }),
    'no-header': switchFlag({group: 'output', help: 'no titles of columns in tables and csv'}),
    exact: switchFlag({
      group: 'output',
      help: 'exact bytes and times, such as 123456789 instead of 118M, and inodes of network namespaces, in tables and sentences',
    }),
    color: colorFlag,
    output: valueFlag({
      group: 'output',
      value: 'FILE',
      help: 'append to a file (a new one has mode 0600) instead of writing to stdout',
      parse: parseNewFile,
      completion: {kind: 'file'},
    }),
    truncate: switchFlag({group: 'output', help: 'with --output: empty an existing file first'}),
  };
}

/** Values of these flags. */
export interface FormatFlags<Column extends string = string> {
  readonly format: FormatName | undefined;
  readonly wide: boolean;
  readonly json: boolean;
  readonly ndjson: boolean;
  readonly columns: readonly Column[];
  readonly 'no-header': boolean;
  readonly exact: boolean;
  readonly color: ColorChoice;
  readonly output: string | undefined;
  readonly truncate: boolean;
}

const SHORT_FORMS = ['wide', 'json', 'ndjson'] as const;

function readFormat(flags: FormatFlags): FormatName {
  const short = SHORT_FORMS.filter((name) => flags[name]);
  const given = [...(flags.format === undefined ? [] : ['format']), ...short].map((name) => `--${name}`);
  if (given.length > 1)
    throw usageError(`${given.slice(0, 2).join(' and ')} cannot be combined`, 'give one of them');
  return flags.format ?? short[0] ?? 'table';
}

const APPLIES: Readonly<Record<FormatFlag, string>> = {
  columns: 'to the table only',
  time: 'to tables only',
  'no-header': 'to tables and csv',
  exact: 'to tables and sentences',
};

/** @throws TcptraceError (usage) if the format does not have a flag that was given */
export function checkFormatFlag(format: FormatName, flag: FormatFlag, isGiven: boolean): void {
  if (isGiven && !FORMATS[format].flags.includes(flag))
    throw usageError(`--${flag} applies ${APPLIES[flag]}`, `leave it out with ${format}`);
}

/** @throws TcptraceError (usage) if a flag would have no effect */
export function readFormatOptions<Column extends string>(flags: FormatFlags<Column>): PrintOptions<Column> {
  const format = readFormat(flags);
  const {color, output, truncate} = flags;
  const columns = flags.columns.length === 0 ? undefined : flags.columns;
  checkFormatFlag(format, 'columns', columns !== undefined);
  checkFormatFlag(format, 'no-header', flags['no-header']);
  checkFormatFlag(format, 'exact', flags.exact);
  if (truncate && output === undefined) throw usageError('--truncate needs a file', 'add --output FILE');
  return {
    format,
    columns,
    header: !flags['no-header'],
    exact: flags.exact,
    color,
    output,
    truncate,
  };
}
