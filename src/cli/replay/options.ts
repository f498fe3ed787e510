/** Arguments and flags of `tcptrace replay`, as text, -> options. */
import {EVENT_KINDS} from '../../model/event.js';
import {COLUMNS_OF_NAMES, NAME_KINDS} from '../../format/name-columns.js';
import {type EventFlags, type FilterFlags, readEvents, readSocketFilter} from '../flags/filter.js';
import {type OutputFlags, readOutputOptions} from '../flags/output.js';
import {readOptional} from '../flags/read.js';
import type {ReplayOptions} from './session.js';
import {parseCount, parseFile, parseSpeed} from '../flags/values.js';

export interface ReplayFlags extends FilterFlags, EventFlags, OutputFlags {
  readonly count: string | undefined;
  readonly speed: string | undefined;
  readonly strict: boolean;
  readonly quiet: boolean;
}

/** @throws TcptraceError (usage) where a value is wrong */
export function readReplayOptions(file: string, flags: ReplayFlags): ReplayOptions {
  return {
    files: [parseFile(file)],
    strict: flags.strict,
    filter: {events: readEvents(flags, EVENT_KINDS), ...readSocketFilter(flags, false)},
    count: readOptional('count', flags.count, parseCount),
    speed: readOptional('speed', flags.speed, parseSpeed),
    ...readOutputOptions(flags),
    // which of them a recording has shows only as it is read
    nameColumns: NAME_KINDS.flatMap((kind) => COLUMNS_OF_NAMES[kind]),
    withNames: true,
    quiet: flags.quiet,
  };
}
