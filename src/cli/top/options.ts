/** Flags of `tcptrace top`: combines groups of flags and rejects invalid combinations. */
import {GROUPINGS, type Grouping} from '../../aggregate/activity.js';
import {REPORT_FORMAT_NAMES} from '../../format/formats.js';
import {BRIEF_COLUMNS, type NameKind, PROCESS_COLUMNS} from '../../format/table/name-columns.js';
import {FIGURE_NAMES, type FigureName} from '../../format/reports/activity/figures.js';
import {SORT_KEYS, type SortKey, UNSEEN_BY_PROC} from '../../format/reports/activity/sort.js';
import type {ActivityView} from '../../format/reports/activity/table.js';
import type {TimeStyle} from '../../format/times.js';
import {usageError} from '../../model/errors.js';
import {DEFAULT_INTERVAL_MS, type FullTraceOptions} from '../../trace-options.js';
import {choiceFlag, valueFlag, type Values} from '../flags/parse/define.js';
import {countFlag, stopAfterFlag} from '../flags/end.js';
import {filterFlags} from '../flags/filter.js';
import {readLiveFilter} from '../flags/live.js';
import {lookupFlags, peersFlag, readLookups, readPeers} from '../flags/lookups.js';
import {checkFormatFlag, formatFlags, readFormatOptions} from '../flags/format.js';
import {quietFlag, timeFlag} from '../flags/output.js';
import {intervalFlag, probeFlags, readProbeOptions} from '../flags/probe.js';
import {parseCount} from '../flags/parse/values.js';
import type {PrintOptions} from '../io/printer.js';

export const topFlags = {
  ...filterFlags,
  ...lookupFlags('a name appears as soon as it is known'),
  peers: peersFlag,
  count: countFlag('snapshots'),
  duration: stopAfterFlag,
  by: choiceFlag(GROUPINGS, {
    group: 'output',
    value: 'GROUP',
    help: 'what a row stands for; process by default, connection with --peers',
  }),
  sort: choiceFlag(SORT_KEYS, {
    group: 'output',
    value: 'COLUMN',
    help: 'sort by this column, largest value first; rate by default, which is TX/s plus RX/s, or new with --proc',
  }),
  ...formatFlags({
    formats: REPORT_FORMAT_NAMES,
    columns: FIGURE_NAMES,
    note: 'json has a document for each snapshot, ndjson and csv a line for each row; only table uses the screen',
  }),
  time: timeFlag,
  rows: valueFlag({
    group: 'output',
    value: 'N',
    help: 'rows of each snapshot; by default 20 in a pipe, all as JSON, and as many as fit on a screen',
    parse: parseCount,
  }),
  interval: intervalFlag('output', 'time between snapshots, and between scans of /proc'),
  quiet: quietFlag('notices'),
  ...probeFlags,
};

export type TopFlags = Values<typeof topFlags>;

export interface TopOptions
  extends Omit<FullTraceOptions, 'signal'>, Pick<ActivityView, 'nameColumns'>, PrintOptions<FigureName> {
  readonly grouping: Grouping;
  /** Undefined is the default of the source. */
  readonly sort: SortKey | undefined;
  readonly time: TimeStyle;
  /** Rows of each snapshot; undefined is as many as fit. */
  readonly rows: number | undefined;
  /** Number of snapshots; undefined is unlimited. */
  readonly count: number | undefined;
  readonly durationMs: number | undefined;
  /** Notices about surprising effects of the filters, one line each. */
  readonly remarks: readonly string[];
  readonly quiet: boolean;
}

/** Options once the source is known. */
export type ShownOptions = Omit<TopOptions, 'sort' | 'source'> & Pick<ActivityView, 'sort' | 'source'>;

/** Returns the columns of each grouping for these kinds of names. */
function chooseColumns(kinds: readonly NameKind[]): ActivityView['nameColumns'] {
  const process = kinds.flatMap((kind) => PROCESS_COLUMNS[kind]);
  const remote = kinds.includes('hosts') ? BRIEF_COLUMNS.hosts : [];
  const none = {program: [], lport: [], user: [], container: [], pod: []};
  return {...none, process, connection: [...remote, ...process], remote};
}

/** @throws TcptraceError (usage) if rows of the grouping have no peers */
function readGrouping({by, peers}: TopFlags): Grouping {
  if (peers && by !== undefined && by !== 'connection')
    throw usageError('--peers applies to connections', `leave out --by ${by}`);
  return by ?? (peers ? 'connection' : 'process');
}

/** @throws TcptraceError (usage) if flags cannot be combined, or a process does not exist */
export function readTopOptions(flags: TopFlags): TopOptions {
  const {filter, remarks} = readLiveFilter(flags);
  const {kinds, ...names} = readLookups(flags);
  const probeOptions = readProbeOptions(flags);
  const {sort} = flags;
  const output = readFormatOptions(flags);
  checkFormatFlag(output.format, 'time', flags.time !== undefined);
  if (probeOptions.source === 'proc' && sort !== undefined && UNSEEN_BY_PROC.includes(sort))
    throw usageError(`--sort ${sort}: not available from /proc`, 'leave it out with --proc');
  return {
    ...probeOptions,
    // scans between two snapshots would not change the output
    intervalMs: flags.interval ?? DEFAULT_INTERVAL_MS,
    filter: {events: ['connect', 'accept', 'close', 'fail', 'open', 'update'], ...filter},
    updatesOnRequest: true,
    ...readPeers(flags.peers, probeOptions.source),
    grouping: readGrouping(flags),
    sort,
    ...output,
    time: flags.time ?? 'absolute',
    ...names,
    nameColumns: chooseColumns(kinds),
    rows: flags.rows,
    count: flags.count,
    durationMs: flags.duration,
    remarks,
    quiet: flags.quiet,
  };
}
