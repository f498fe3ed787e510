/** Flags of `tcptrace replay`: combines groups, and refuses combinations that make no sense. */
import type {Filter} from '../../filter/filter.js';
import {COLUMNS_OF_NAMES, NAME_KINDS} from '../../format/name-columns.js';
import {EVENT_KINDS} from '../../model/event.js';
import {switchFlag, valueFlag, type Values} from '../flags/define.js';
import {countFlag} from '../flags/end.js';
import {eventFlags, readEvents} from '../flags/events.js';
import {filterFlags, readSocketFilter} from '../flags/filter.js';
import {outputFlags, quietFlag, readOutputOptions} from '../flags/output.js';
import {parseFile, parseSpeed} from '../flags/values.js';
import type {OutputOptions} from '../io/printer.js';
import type {RecordingOptions} from '../io/recordings.js';

export const replayFlags = {
  ...eventFlags('all'),
  ...filterFlags,
  count: countFlag('events'),
  speed: valueFlag({
    group: 'source',
    value: 'FACTOR',
    help: 'at the original speed (1) or so many times as fast; without pauses by default',
    parse: parseSpeed,
  }),
  strict: switchFlag({group: 'source', help: 'fail at a line that is not an event'}),
  ...outputFlags,
  quiet: quietFlag('notices'),
};

export type ReplayFlags = Values<typeof replayFlags>;

export interface ReplayOptions extends RecordingOptions, OutputOptions {
  readonly filter: Filter;
  /** Print events from this time on (RFC 3339, UTC). */
  readonly since?: string | undefined;
  /** Print events up to and including this time. */
  readonly until?: string | undefined;
  /** Number of events to print; undefined is unlimited. */
  readonly count: number | undefined;
  /** Print only so many events from the end. */
  readonly last?: number | undefined;
  /** Factor on the original speed; undefined is without pauses. */
  readonly speed: number | undefined;
  readonly quiet: boolean;
}

/** @throws TcptraceError (usage) if flags cannot be combined */
export function readReplayOptions(file: string, flags: ReplayFlags): ReplayOptions {
  return {
    files: [parseFile(file)],
    strict: flags.strict,
    filter: {events: readEvents(flags, EVENT_KINDS), ...readSocketFilter(flags, false)},
    count: flags.count,
    speed: flags.speed,
    ...readOutputOptions(flags),
    // events show which names a recording has
    nameColumns: NAME_KINDS.flatMap((kind) => COLUMNS_OF_NAMES[kind]),
    withNames: true,
    quiet: flags.quiet,
  };
}
