/** Flags of `tcptrace replay`: combines groups of flags and rejects invalid combinations. */
import type {Filter} from '../../filter/filter.js';
import {COLUMNS_OF_NAMES, NAME_KINDS} from '../../format/table/name-columns.js';
import {usageError} from '../../model/errors.js';
import {EVENT_KINDS} from '../../model/event.js';
import {parseMoment} from '../../model/units/moment.js';
import {switchFlag, valueFlag, type Values} from '../flags/parse/define.js';
import {countFlag} from '../flags/end.js';
import {eventFlags, readEvents} from '../flags/events.js';
import {filterFlags, readSocketFilter} from '../flags/filter.js';
import {outputFlags, quietFlag, readOutputOptions} from '../flags/output.js';
import {readFileNames} from '../flags/recordings.js';
import {parseCount, parseSpeed} from '../flags/parse/values.js';
import type {OutputOptions} from '../io/printer.js';
import type {RecordingOptions} from '../io/recordings.js';

/** Parses a time, which may begin with the space that joinTimes() adds. */
function parseTime(text: string): string {
  return parseMoment(text.trim());
}

export const replayFlags = {
  ...eventFlags('all'),
  ...filterFlags,
  since: valueFlag({
    group: 'filter',
    value: 'TIME',
    help: "events from this time on: 2026-11-28T10:00:00Z, 'today 10:00', -10m",
    parse: parseTime,
  }),
  until: valueFlag({
    group: 'filter',
    value: 'TIME',
    help: 'events up to and including this time',
    parse: parseTime,
  }),
  count: countFlag('events'),
  first: valueFlag({group: 'end', value: 'N', help: 'the same as --count N', parse: parseCount}),
  last: valueFlag({group: 'end', value: 'N', help: 'print only the last N events', parse: parseCount}),
  speed: valueFlag({
    group: 'source',
    value: 'FACTOR',
    help: 'replay at a multiple of the original speed, 1 to keep it; without pauses by default',
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
  /** Number of events at the end to print; undefined is all. */
  readonly last?: number | undefined;
  /** Multiple of the original speed; undefined is without pauses. */
  readonly speed: number | undefined;
  readonly quiet: boolean;
}

/** Joins a time such as -4h to its flag with a space; oclif's parser would read it as the flag -4. */
export function joinTimes(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of argv) {
    const flag = joined.at(-1);
    if ((flag === '--since' || flag === '--until') && word.startsWith('-'))
      joined[joined.length - 1] = `${flag}= ${word}`;
    else joined.push(word.replace(/^--(since|until)=-/, '--$1= -'));
  }
  return joined;
}

function readCounts({count, first, last}: ReplayFlags): Pick<ReplayOptions, 'count' | 'last'> {
  const given = Object.entries({count, first, last}).filter(([, number]) => number !== undefined);
  const names = given.map(([name]) => `--${name}`);
  if (names.length > 1)
    throw usageError(`${names.slice(0, 2).join(' and ')} cannot be combined`, 'give one of them');
  return {count: count ?? first, last};
}

/** @throws TcptraceError (usage) if flags cannot be combined, or no recording is given */
export function readReplayOptions(names: readonly string[], flags: ReplayFlags): ReplayOptions {
  return {
    files: readFileNames(names, 'replay'),
    since: flags.since,
    until: flags.until,
    ...readCounts(flags),
    strict: flags.strict,
    filter: {events: readEvents(flags, EVENT_KINDS), ...readSocketFilter(flags, false)},
    speed: flags.speed,
    ...readOutputOptions(flags),
    // print names only if the recording contains them
    nameColumns: NAME_KINDS.flatMap((kind) => COLUMNS_OF_NAMES[kind]),
    withNames: true,
    quiet: flags.quiet,
  };
}
