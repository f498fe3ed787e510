/** Flags of `tcptrace watch`: combines groups of flags and rejects invalid combinations. */
import {UNSEEN_BY_PROC} from '../../format/table/columns.js';
import {PEER_COLUMNS} from '../../format/table/name-columns.js';
import {usageError} from '../../model/errors.js';
import {EVENT_KINDS, type EventKind} from '../../model/event.js';
import {DEFAULT_EVENTS, type FullTraceOptions} from '../../trace-options.js';
import {switchFlag, valueFlag, type Values} from '../flags/parse/define.js';
import {countFlag, stopAfterFlag} from '../flags/end.js';
import {eventFlags, readEvents} from '../flags/events.js';
import {filterFlags} from '../flags/filter.js';
import {hostNameFlags} from '../flags/host-name.js';
import {readLiveFilter} from '../flags/live.js';
import {
  type EventLookupOptions,
  lookupFlags,
  peersFlag,
  readEventLookups,
  readPeers,
} from '../flags/lookups.js';
import {outputFlags, quietFlag, readOutputOptions} from '../flags/output.js';
import {intervalFlag, probeFlags, readProbeOptions} from '../flags/probe.js';
import {readUpdates, updateFlags} from '../flags/update.js';
import type {NamedNetns} from '../flags/parse/system-values.js';
import {parseDescriptor, parseNewFile} from '../flags/parse/values.js';
import type {OutputOptions} from '../io/printer.js';
import type {Command} from './launch.js';
import {addMetricLookups, metricsFlags, type MetricsOptions, readMetrics} from './metrics-flags.js';

export const watchFlags = {
  ...eventFlags('all but open'),
  ...filterFlags,
  follow: switchFlag({
    group: 'filter',
    help: 'with --pid: also all descendants of these processes; stops when all have exited',
  }),
  count: countFlag('events'),
  duration: stopAfterFlag,
  ...updateFlags,
  ...lookupFlags('an event waits up to 200 ms for them'),
  peers: peersFlag,
  ...outputFlags,
  ...hostNameFlags,
  ...metricsFlags,
  quiet: quietFlag('notices and no summary'),
  'ready-file': valueFlag({
    group: 'output',
    value: 'FILE',
    help: 'create FILE with the pid in it once every probe is attached; an older one is removed first',
    parse: parseNewFile,
    completion: {kind: 'file'},
  }),
  'report-fd': valueFlag({
    group: 'output',
    value: 'FD',
    help: 'write reports as JSON lines to a descriptor',
    parse: parseDescriptor,
    hidden: true,
  }),
  'fail-on-loss': switchFlag({group: 'output', help: 'exit with 4 if events were lost'}),
  ...probeFlags,
  interval: intervalFlag('source', 'time between scans of /proc'),
  'as-root': switchFlag({group: 'source', help: 'run the command as root, not as the user of sudo'}),
};

export type WatchFlags = Values<typeof watchFlags>;

export interface WatchOptions extends Omit<FullTraceOptions, 'signal'>, OutputOptions {
  readonly quiet: boolean;
  /** Descriptor for reports to the program that started this one, instead of messages on stderr. */
  readonly reportFd: number | undefined;
  /** Network namespaces of the filter. */
  readonly netnsPaths: readonly NamedNetns[];
  /** Notices about surprising effects of the filters, one line each. */
  readonly remarks: readonly string[];
  readonly failOnLoss: boolean;
  readonly metrics: MetricsOptions | undefined;
  /** Kinds that are not printed, for --stats and metrics only. */
  readonly hiddenKinds: readonly EventKind[];
  /** --stats counts `update` events that are not printed. */
  readonly statsUpdates: boolean;
  /** File that is created as soon as every probe is attached. */
  readonly readyFile: string | undefined;
  /** Milliseconds from the time that every probe is attached; undefined is unlimited. */
  readonly durationMs: number | undefined;
  /** Events to print; undefined is unlimited. */
  readonly count: number | undefined;
  /** Started once every probe is attached; the trace stops when it exits. */
  readonly command?: Command;
}

/** Rejects events and columns that scans of /proc cannot provide. */
function refuseUnseen({source, columns, failOnLoss}: WatchOptions, {event}: WatchFlags): void {
  if (source !== 'proc') return;
  const hint = 'leave it out with --proc';
  if (event.includes('fail')) throw usageError('--event fail: /proc does not show failed connects', hint);
  const unseen = columns?.find((name) => UNSEEN_BY_PROC.includes(name));
  if (unseen !== undefined) throw usageError(`--columns ${unseen}: not available from /proc`, hint);
  if (failOnLoss)
    throw usageError('--fail-on-loss: connections that scans of /proc miss are not counted', hint);
}

function refuseWithoutCommand(flags: WatchFlags): void {
  if (flags['as-root']) throw usageError('--as-root applies to a command', 'put it after `--`');
  if (flags.follow && flags.pid.length === 0) throw usageError('--follow needs processes', 'add --pid PID');
}

function refuseWithCommand(words: readonly string[], flags: WatchFlags): void {
  if (words.length === 0) throw usageError('no command after `--`');
  const given = {
    pid: flags.pid.length > 0,
    follow: flags.follow,
    count: flags.count !== undefined,
  };
  const useless = Object.entries(given).find(([, isGiven]) => isGiven)?.[0];
  if (useless !== undefined)
    throw usageError(`--${useless} and a command cannot be combined`, 'give one of them');
}

function readFollow(
  flags: WatchFlags,
  words: readonly string[] | undefined,
  pids: readonly number[],
  source: WatchOptions['source'],
): FullTraceOptions['follow'] {
  if (words === undefined && !flags.follow) return undefined;
  if (source === 'proc') throw usageError('scans of /proc cannot follow processes', 'leave out --proc');
  return words === undefined ? {pids} : {pids: [], childrenOf: process.pid};
}

/** True if --stats counts the bytes of connections that are open at the end, as it does those of closed ones. */
function countsAtEnd(
  {stats}: OutputOptions,
  source: WatchOptions['source'],
  events: readonly EventKind[],
): boolean {
  return stats && source !== 'proc' && events.includes('close');
}

type Kinds = Pick<WatchOptions, 'updateMs' | 'updatesOnRequest' | 'hiddenKinds' | 'statsUpdates'> & {
  /** With those that are not printed. */
  readonly events: readonly EventKind[];
};

/** Reads the kinds of events, and how often updates are made. */
function readKinds(
  flags: WatchFlags,
  output: OutputOptions,
  source: WatchOptions['source'],
  hasMetrics: boolean,
): Kinds {
  const printed = readEvents(flags, DEFAULT_EVENTS);
  const updateMs = readUpdates(flags, source, printed);
  const statsUpdates = updateMs === undefined && countsAtEnd(output, source, printed);
  const counted: readonly EventKind[] = hasMetrics ? EVENT_KINDS : statsUpdates ? ['update'] : [];
  const isPrinted = (kind: EventKind): boolean =>
    kind === 'lost' || (printed.includes(kind) && (kind !== 'update' || updateMs !== undefined));
  const hiddenKinds = counted.filter((kind) => !isPrinted(kind));
  const updatesOnRequest = updateMs === undefined && source !== 'proc' && hiddenKinds.includes('update');
  return {
    events: [...new Set([...printed, ...hiddenKinds])],
    hiddenKinds,
    statsUpdates,
    ...(updateMs !== undefined && {updateMs}),
    ...(updatesOnRequest && {updatesOnRequest}),
  };
}

/** Reads the lookups, and adds the columns of containers at the other endpoint. */
function readNames(
  flags: WatchFlags,
  columns: OutputOptions['columns'],
  metrics: MetricsOptions | undefined,
): EventLookupOptions {
  const lookups = addMetricLookups(readEventLookups(flags, columns), metrics);
  const hasPeerContainers = flags.peers && lookups.names?.containers === true;
  return hasPeerContainers ? {...lookups, nameColumns: [...lookups.nameColumns, ...PEER_COLUMNS]} : lookups;
}

/**
 * @param words command to trace
 * @throws TcptraceError (usage) if flags cannot be combined, or a process does not exist
 */
export function readWatchOptions(flags: WatchFlags, words?: readonly string[]): WatchOptions {
  if (words === undefined) refuseWithoutCommand(flags);
  else refuseWithCommand(words, flags);
  const live = readLiveFilter(flags);
  const probeOptions = readProbeOptions(flags, flags.interval);
  const follow = readFollow(flags, words, live.filter.pids, probeOptions.source);
  const output = readOutputOptions(flags);
  const metrics = readMetrics(flags);
  const {events, ...kinds} = readKinds(flags, output, probeOptions.source, metrics !== undefined);
  // scans can neither follow processes nor count the connections that they miss
  const needsEbpf =
    flags['fail-on-loss'] || follow !== undefined || kinds.updateMs !== undefined || flags.peers;
  const options: WatchOptions = {
    ...probeOptions,
    source: probeOptions.source === 'auto' && needsEbpf ? 'ebpf' : probeOptions.source,
    filter: {events, ...live.filter, ...(follow && {pids: []})},
    ...(follow && {follow}),
    ...kinds,
    metrics,
    ...(flags['host-name'] !== undefined && {hostName: flags['host-name']}),
    ...(words && {command: {words, asRoot: flags['as-root'], durationMs: flags.duration}}),
    durationMs: flags.duration,
    count: flags.count,
    ...output,
    ...readNames(flags, output.columns, metrics),
    ...readPeers(flags.peers, probeOptions.source),
    remarks: live.remarks,
    quiet: flags.quiet,
    reportFd: flags['report-fd'],
    netnsPaths: [...flags.netns, ...flags['not-netns']],
    readyFile: flags['ready-file'],
    failOnLoss: flags['fail-on-loss'],
  };
  refuseUnseen(options, flags);
  return options;
}
