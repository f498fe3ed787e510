/** Arguments and flags of `tcptrace compare`: combines groups of flags and rejects invalid combinations. */
import {isAboutZones} from '../../filter/filter.js';
import {refuseZones} from '../../sources/proc-limits.js';
import {type FormatName, REPORT_FORMAT_NAMES} from '../../format/formats.js';
import {COMPARISON_COLUMN_NAMES} from '../../format/reports/comparison.js';
import {usageError} from '../../model/errors.js';
import {DEFAULT_INTERVAL_MS} from '../../trace-options.js';
import {type Given, switchFlag, toWords, type Values} from '../flags/parse/define.js';
import {durationFlag} from '../flags/end.js';
import {filterFlags, readSocketFilter} from '../flags/filter.js';
import {readLiveFilter} from '../flags/live.js';
import {formatFlags, readFormatOptions} from '../flags/format.js';
import {quietFlag} from '../flags/output.js';
import {intervalFlag} from '../flags/probe.js';
import {parseFile} from '../flags/parse/values.js';
import type {FilesOptions} from './files.js';
import type {PrintOptions} from '../io/printer.js';
import {hasInput} from '../io/recordings.js';
import type {LiveOptions} from './live.js';

export const compareFlags = {
  duration: durationFlag('how long to trace; 30s by default', 'source'),
  interval: intervalFlag('source', 'time between scans of /proc'),
  conntrack: switchFlag({group: 'source', help: 'also run conntrack (of conntrack-tools)'}),
  strict: switchFlag({group: 'source', help: 'fail at a line of a recording that is not an event'}),
  ...filterFlags,
  misses: switchFlag({group: 'output', help: 'list each missed connection'}),
  ...formatFlags({formats: REPORT_FORMAT_NAMES, columns: COMPARISON_COLUMN_NAMES}),
  quiet: quietFlag('progress and no notices'),
};

export type CompareFlags = Values<typeof compareFlags>;

export interface CompareOptions extends PrintOptions {
  readonly what: FilesOptions | LiveOptions;
  readonly misses: boolean;
  readonly quiet: boolean;
}

const DEFAULT_DURATION_MS = 30_000;

function readFiles(a: string, b: string, flags: CompareFlags): FilesOptions {
  const live = {
    duration: flags.duration !== undefined,
    interval: flags.interval !== undefined,
    conntrack: flags.conntrack,
  };
  const useless = Object.entries(live).find(([, isGiven]) => isGiven)?.[0];
  if (useless !== undefined)
    throw usageError(`--${useless} applies to tracing`, 'leave it out with recordings');
  if (a === '-' && b === '-') throw usageError('stdin can be read only once', 'name a file');
  return {files: [parseFile(a), parseFile(b)], filter: readSocketFilter(flags, false), strict: flags.strict};
}

function readLive(flags: CompareFlags, given: Readonly<Record<string, Given>>): LiveOptions {
  if (flags.strict) throw usageError('--strict applies to recordings', 'leave it out');
  const {filter, remarks} = readLiveFilter(flags);
  if (isAboutZones(filter)) throw refuseZones();
  const pids = {pid: filter.pids.map(String), 'not-pid': filter.excludePids.map(String)};
  return {
    durationMs: flags.duration ?? DEFAULT_DURATION_MS,
    intervalMs: flags.interval ?? DEFAULT_INTERVAL_MS,
    conntrack: flags.conntrack,
    filter,
    remarks,
    filterWords: toWords(filterFlags, {...given, ...pids}),
  };
}

function refuseMisses({misses}: CompareFlags, format: FormatName): void {
  if (misses && (format === 'ndjson' || format === 'csv'))
    throw usageError(`--misses: ${format} has a row for each source`, 'use -o json or a table');
}

/**
 * @param given texts of the flags, passed on to the traces that compare starts
 * @throws TcptraceError (usage) if flags cannot be combined, or a process does not exist
 */
export function readCompareOptions(
  files: readonly string[],
  flags: CompareFlags,
  given: Readonly<Record<string, Given>>,
): CompareOptions {
  const {misses, quiet} = flags;
  const output = readFormatOptions(flags);
  refuseMisses(flags, output.format);
  const [a] = files;
  const b = files[1] ?? (a !== undefined && a !== '-' && hasInput() ? '-' : undefined);
  if (a !== undefined && b === undefined)
    throw usageError('one recording cannot be compared', 'give two recordings, or none');
  const what = a !== undefined && b !== undefined ? readFiles(a, b, flags) : readLive(flags, given);
  return {what, misses, ...output, quiet};
}
