/** Flags of `tcptrace top`: combines groups of flags and rejects invalid combinations. */
import {GROUPINGS, type Grouping} from '../../aggregate/activity.js';
import {BRIEF_COLUMNS, PROCESS_COLUMNS} from '../../format/name-columns.js';
import {
  type ActivityView,
  SORT_KEYS,
  type SortKey,
  UNSEEN_BY_PROC,
} from '../../format/reports/activity-table.js';
import {usageError} from '../../model/errors.js';
import type {ColorChoice} from '../../terminal/color.js';
import {DEFAULT_INTERVAL_MS, type FullTraceOptions} from '../../trace-options.js';
import {choiceFlag, valueFlag, type Values, withDefault} from '../flags/define.js';
import {countFlag, stopAfterFlag} from '../flags/end.js';
import {filterFlags} from '../flags/filter.js';
import {readLiveFilter} from '../flags/live.js';
import {lookupFlags, readLookups} from '../flags/lookups.js';
import {colorFlag, quietFlag} from '../flags/output.js';
import {intervalFlag, probeFlags, readProbeOptions} from '../flags/probe.js';
import {parseCount} from '../flags/values.js';

export const topFlags = {
  ...filterFlags,
  ...lookupFlags('a name appears as soon as it is known'),
  count: countFlag('snapshots'),
  duration: stopAfterFlag,
  by: withDefault(
    choiceFlag(GROUPINGS, {
      group: 'output',
      value: 'GROUP',
      help: 'what a row stands for; process by default',
    }),
    'process',
  ),
  sort: withDefault(
    choiceFlag(SORT_KEYS, {
      group: 'output',
      value: 'COLUMN',
      help: 'sort by this column, largest value first; new by default',
    }),
    'new',
  ),
  rows: valueFlag({
    group: 'output',
    value: 'N',
    help: 'rows of each snapshot; by default 20 in a pipe, and as many as fit on a screen',
    parse: parseCount,
  }),
  interval: intervalFlag('output', 'time between snapshots, and between scans of /proc'),
  color: colorFlag,
  quiet: quietFlag('notices'),
  ...probeFlags,
};

export type TopFlags = Values<typeof topFlags>;

export interface TopOptions extends Omit<FullTraceOptions, 'signal'>, Pick<ActivityView, 'nameColumns'> {
  readonly grouping: Grouping;
  readonly sort: SortKey;
  /** Rows of each snapshot; undefined is as many as fit. */
  readonly rows: number | undefined;
  /** Number of snapshots; undefined is unlimited. */
  readonly count: number | undefined;
  readonly durationMs: number | undefined;
  /** Notices about surprising effects of the filters, one line each. */
  readonly remarks: readonly string[];
  readonly color: ColorChoice;
  readonly quiet: boolean;
}

/** @throws TcptraceError (usage) if flags cannot be combined, or a process does not exist */
export function readTopOptions(flags: TopFlags): TopOptions {
  const {filter, remarks} = readLiveFilter(flags);
  const {kinds, ...names} = readLookups(flags);
  const probeOptions = readProbeOptions(flags);
  if (probeOptions.source === 'proc' && UNSEEN_BY_PROC.includes(flags.sort))
    throw usageError(`--sort ${flags.sort}: not available from /proc`, 'leave it out with --proc');
  return {
    ...probeOptions,
    // scans between two snapshots would not change the output
    intervalMs: flags.interval ?? DEFAULT_INTERVAL_MS,
    filter: {events: ['connect', 'accept', 'close', 'fail', 'open'], ...filter},
    grouping: flags.by,
    sort: flags.sort,
    ...names,
    nameColumns: {
      process: kinds.flatMap((kind) => PROCESS_COLUMNS[kind]),
      remote: kinds.includes('hosts') ? BRIEF_COLUMNS.hosts : [],
    },
    rows: flags.rows,
    count: flags.count,
    durationMs: flags.duration,
    color: flags.color,
    remarks,
    quiet: flags.quiet,
  };
}
