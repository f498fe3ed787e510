/** Flags of `tcptrace top`, as text, -> options. */
import {parseDuration} from '../../model/duration.js';
import {usageError} from '../../model/errors.js';
import type {Grouping} from '../../aggregate/activity.js';
import {type ActivityView, type SortKey, UNSEEN_BY_PROC} from '../../format/reports/activity-table.js';
import {BRIEF_COLUMNS, PROCESS_COLUMNS} from '../../format/name-columns.js';
import type {ColorChoice} from '../../terminal/color.js';
import {DEFAULT_INTERVAL_MS, type FullTraceOptions} from '../../trace-options.js';
import {
  type FilterFlags,
  findMissingCgroups,
  type MissingCgroup,
  readSocketFilter,
  refuseNobody,
} from '../flags/filter.js';
import {type LookupFlags, readLookups} from '../flags/lookups.js';
import {type ProbeFlags, type ProbeOptions, readProbeOptions} from '../flags/probe.js';
import {readOptional} from '../flags/read.js';
import {parseCount} from '../flags/values.js';

export interface TopFlags extends ProbeFlags, FilterFlags, LookupFlags {
  readonly by: Grouping;
  readonly sort: SortKey;
  readonly rows: string | undefined;
  readonly count: string | undefined;
  readonly duration: string | undefined;
  readonly color: ColorChoice;
  readonly quiet: boolean;
}

export interface TopOptions extends Omit<FullTraceOptions, 'signal'>, Pick<ActivityView, 'nameColumns'> {
  readonly grouping: Grouping;
  readonly sort: SortKey;
  /** Of each snapshot; undefined is as many as there is room for. */
  readonly rows: number | undefined;
  /** Snapshots until the end; undefined is without end. */
  readonly count: number | undefined;
  readonly durationMs: number | undefined;
  readonly missingCgroups: readonly MissingCgroup[];
  readonly color: ColorChoice;
  readonly quiet: boolean;
}

function refuseUnseen({probe}: ProbeOptions, {sort}: TopFlags): void {
  if (probe === 'proc' && UNSEEN_BY_PROC.includes(sort))
    throw usageError(`--sort ${sort}: /proc does not show that`, 'leave it out with --proc');
}

/** @throws TcptraceError (usage) where a value is wrong, a flag would have no effect, or no process has a pid that is asked for */
export function readTopOptions(flags: TopFlags): TopOptions {
  const filter = readSocketFilter(flags);
  refuseNobody(filter);
  const {kinds, ...names} = readLookups(flags);
  const probeOptions = readProbeOptions({...flags, interval: undefined});
  refuseUnseen(probeOptions, flags);
  return {
    ...probeOptions,
    // of scans, too: more of them than snapshots would show nothing more
    intervalMs: readOptional('interval', flags.interval, parseDuration) ?? DEFAULT_INTERVAL_MS,
    filter: {events: ['connect', 'accept', 'close', 'fail', 'open'], ...filter},
    grouping: flags.by,
    sort: flags.sort,
    ...names,
    nameColumns: {
      process: kinds.flatMap((kind) => PROCESS_COLUMNS[kind]),
      remote: kinds.includes('hosts') ? BRIEF_COLUMNS.hosts : [],
    },
    rows: readOptional('rows', flags.rows, parseCount),
    count: readOptional('count', flags.count, parseCount),
    durationMs: readOptional('duration', flags.duration, parseDuration),
    color: flags.color,
    missingCgroups: findMissingCgroups(flags),
    quiet: flags.quiet,
  };
}
