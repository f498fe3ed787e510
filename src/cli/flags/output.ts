/** Flags that say what the output looks like, and where it goes, as text, -> options. */
import {usageError} from '../../model/errors.js';
import {parseSize} from '../../model/size.js';
import {type ColumnName} from '../../format/columns.js';
import {notRotatable} from '../../output/output.js';
import type {TimeStyle} from '../../format/times.js';
import type {ColorChoice} from '../../terminal/color.js';
import {readList} from './filter.js';
import type {Format} from './formats.js';
import type {OutputOptions} from '../io/printer.js';
import {findDescriptor} from '../io/inherited-fd.js';
import {readOptional, readValue} from './read.js';
import {parseColumn, parseNewFile} from './values.js';

export interface OutputFlags {
  readonly format: Format | undefined;
  readonly wide: boolean;
  readonly ndjson: boolean;
  readonly columns: readonly string[] | undefined;
  readonly time: TimeStyle | undefined;
  readonly color: ColorChoice;
  readonly output: string | undefined;
  readonly rotate: string | undefined;
  readonly stats: boolean;
}

function readFormat({format, wide, ndjson}: OutputFlags): Format {
  const given = [
    ...(format === undefined ? [] : ['--format']),
    ...(wide ? ['--wide'] : []),
    ...(ndjson ? ['--ndjson'] : []),
  ];
  if (given.length > 1)
    throw usageError(`${given.slice(0, 2).join(' and ')} exclude each other`, 'give one of them');
  return format ?? (wide ? 'wide' : ndjson ? 'ndjson' : 'table');
}

function parseOutput(text: string): string {
  return parseNewFile(text, 'write to stdout by leaving out --output');
}

function readColumns(texts: readonly string[] | undefined): readonly ColumnName[] | undefined {
  return texts === undefined ? undefined : readList('columns', texts, parseColumn);
}

/** @throws TcptraceError (usage) where a value is wrong, or a flag would have no effect */
export function readOutputOptions(flags: OutputFlags): OutputOptions {
  const format = readFormat(flags);
  const columns = readColumns(flags.columns);
  if (columns !== undefined && format !== 'table')
    throw usageError('--columns is for the table', `leave it out with ${format}`);
  if (flags.time !== undefined && format !== 'table' && format !== 'wide')
    throw usageError('--time is for tables', `leave it out with ${format}`);
  if (flags.time !== undefined && columns?.includes('time') === false)
    throw usageError('--time is for the column time', 'name it with --columns');
  if (flags.rotate !== undefined && flags.output === undefined)
    throw usageError('--rotate is for a file', 'name it with --output');
  const output = readOptional('output', flags.output, parseOutput);
  if (flags.rotate !== undefined && output !== undefined && findDescriptor(output) !== undefined)
    throw notRotatable(output);
  return {
    format,
    columns,
    time: flags.time ?? 'absolute',
    color: flags.color,
    nameColumns: [],
    withNames: false,
    output,
    truncate: false,
    rotation: flags.rotate === undefined ? undefined : {bytes: readValue('rotate', flags.rotate, parseSize)},
    stats: flags.stats,
  };
}
