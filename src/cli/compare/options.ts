/** Arguments and flags of `tcptrace compare`, as text, -> options. */
import {parseDuration} from '../../model/duration.js';
import {usageError} from '../../model/errors.js';
import type {ColorChoice} from '../../terminal/color.js';
import type {CompareOptions} from './session.js';
import {type FilterFlags, readSocketFilter, refuseNobody, toWords} from '../flags/filter.js';
import {DEFAULT_INTERVAL_MS} from '../../trace-options.js';
import {readOptional} from '../flags/read.js';
import {parseFile} from '../flags/values.js';

export interface CompareFlags extends FilterFlags {
  readonly duration: string | undefined;
  readonly interval: string | undefined;
  readonly conntrack: boolean;
  readonly strict: boolean;
  readonly misses: boolean;
  readonly json: boolean;
  readonly color: ColorChoice;
  readonly quiet: boolean;
}

const DEFAULT_DURATION_MS = 30_000;

const OF_LIVE = ['duration', 'interval', 'conntrack'] as const;

function readWhat(files: readonly string[], flags: CompareFlags): CompareOptions['what'] {
  const [a, b] = files;
  const filter = readSocketFilter(flags, a === undefined);
  if (a !== undefined && b !== undefined) {
    const useless = OF_LIVE.find((flag) => flags[flag]);
    if (useless !== undefined)
      throw usageError(`--${useless} is for tracing`, 'leave it out with recordings');
    if (a === '-' && b === '-') throw usageError('stdin can be read once only', 'name a file');
    return {files: [parseFile(a), parseFile(b)], filter, strict: flags.strict};
  }
  if (a !== undefined) throw usageError('one recording has nothing to be compared with', 'name two, or none');
  if (flags.strict) throw usageError('--strict is for recordings', 'leave it out');
  refuseNobody(filter);
  return {
    durationMs: readOptional('duration', flags.duration, parseDuration) ?? DEFAULT_DURATION_MS,
    intervalMs: readOptional('interval', flags.interval, parseDuration) ?? DEFAULT_INTERVAL_MS,
    conntrack: flags.conntrack,
    filter,
    filterWords: toWords(flags),
  };
}

/** @throws TcptraceError (usage) where a value is wrong, or a flag would have no effect */
export function readCompareOptions(files: readonly string[], flags: CompareFlags): CompareOptions {
  const {json, misses, color, quiet} = flags;
  return {what: readWhat(files, flags), json, misses, color, quiet};
}
