/** Options of trace(): defaults and validation. */
import type {NameLookups} from './enrich/namer.js';
import type {Follow, KernelLimits} from './kernel/binding.js';
import {MAX_BUFFER_BYTES, MAX_CONNECTIONS, MAX_FOLLOWED} from './kernel/layout.js';
import {completeFilter} from './filter/validate.js';
import {usageError} from './model/errors.js';
import {EVENT_KINDS, type EventKind} from './model/event.js';
import {type Filter, isAboutZones} from './filter/filter.js';
import {
  dropUndefined,
  refuseUnknown,
  requireAll,
  requireObject,
  requireValid,
} from './model/check-options.js';
import {isHostName} from './model/host-name.js';
import {DEFAULT_BUFFER_BYTES, DEFAULT_CONNECTIONS, MAX_INT32, MAX_TIMER_MS} from './model/limits.js';
import {pick} from './model/basics/pick.js';
import {SOURCE_CHOICES, type SourceChoice} from './sources/choose.js';
import {refuseZones} from './sources/proc-limits.js';

/** All options of a trace; see {@link TraceOptions} for the defaults. */
export interface FullTraceOptions {
  /** The origin of events; `ebpf` by default. */
  readonly source: SourceChoice;
  readonly filter: Filter;
  /** Trace only these processes and their descendants. Needs eBPF: disables the fallback to /proc. */
  readonly follow?: Follow;
  /** Sizes of kernel buffers; for eBPF. */
  readonly limits: KernelLimits;
  /** Milliseconds between the starts of two /proc scans. */
  readonly intervalMs: number;
  /**
   * Milliseconds between `update` events, an integer, and a last one when the trace is stopped; none
   * if undefined. Needs eBPF: disables the fallback to /proc.
   */
  readonly updateMs?: number;
  /**
   * Emit `update` events when update() is called, and once when the trace is stopped. The first ones include every
   * preexisting connection. Without effect on scans of /proc.
   */
  readonly updatesOnRequest?: boolean;
  /** Value of the events' `host` field; without it, they have none. */
  readonly hostName?: string;
  /** Adds the process at the remote endpoint, if it is on this host. Needs eBPF: disables the fallback to /proc. */
  readonly peers?: boolean;
  /** Names to look up for each event; none if undefined. */
  readonly names?: NameLookups;
  /** Stops the trace when aborted: detaches probes, then delivers the remaining events. */
  readonly signal: AbortSignal;
}

/**
 * Options of trace(). By default it traces every connection with the first eBPF probe that works, fails if none works,
 * and runs until the loop over its events is left.
 */
export type TraceOptions = Partial<Omit<FullTraceOptions, 'filter' | 'limits'>> & {
  readonly filter?: Partial<Filter>;
  readonly limits?: Partial<KernelLimits>;
};

/** All kinds except `open`, which reports preexisting connections. */
export const DEFAULT_EVENTS: readonly EventKind[] = EVENT_KINDS.filter((kind) => kind !== 'open');
export const DEFAULT_LIMITS: KernelLimits = {
  bufferSizeBytes: DEFAULT_BUFFER_BYTES,
  maxConnections: DEFAULT_CONNECTIONS,
};
export const DEFAULT_INTERVAL_MS = 1000;

const OPTIONS = [
  'source',
  'filter',
  'follow',
  'limits',
  'intervalMs',
  'updateMs',
  'updatesOnRequest',
  'hostName',
  'peers',
  'names',
  'signal',
] as const satisfies readonly (keyof FullTraceOptions)[];

const LIMITS = [
  'bufferSizeBytes',
  'maxConnections',
  'btfPath',
  'outputFd',
] as const satisfies readonly (keyof KernelLimits)[];

const LOOKUPS = ['users', 'args', 'containers', 'containerNames', 'hosts', 'say'] as const;

const isBetween =
  (min: number, max: number) =>
  (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max;

function completeLimits(partial: Partial<KernelLimits> = {}): KernelLimits {
  requireObject('limits', partial, LIMITS);
  const limits = {...DEFAULT_LIMITS, ...dropUndefined(partial)};
  requireValid('bufferSizeBytes', limits.bufferSizeBytes, isBetween(1, MAX_BUFFER_BYTES));
  requireValid('maxConnections', limits.maxConnections, isBetween(1, MAX_CONNECTIONS));
  requireValid('btfPath', limits.btfPath ?? '', (path) => typeof path === 'string');
  requireValid('outputFd', limits.outputFd ?? 0, isBetween(0, MAX_INT32));
  return limits;
}

function checkFollow(follow: Follow, source: SourceChoice): void {
  requireObject('follow', follow, ['pids', 'childrenOf']);
  requireAll('pids', follow.pids, isBetween(1, MAX_INT32));
  if (follow.pids.length > MAX_FOLLOWED)
    throw usageError(`follow: ${String(follow.pids.length)} pids`, `give at most ${String(MAX_FOLLOWED)}`);
  requireValid('childrenOf', follow.childrenOf ?? 1, isBetween(1, MAX_INT32));
  if (source === 'proc') throw usageError('scans of /proc cannot follow processes', 'omit follow');
}

function checkUpdates(updateMs: number, source: SourceChoice): void {
  requireValid('updateMs', updateMs, isBetween(1, MAX_INT32));
  if (source === 'proc')
    throw usageError('scans of /proc do not provide numbers of connections', 'omit updateMs');
}

function checkPeers(peers: boolean, source: SourceChoice): void {
  requireValid('peers', peers, (value) => typeof (value as unknown) === 'boolean');
  if (peers && source === 'proc') throw usageError('scans of /proc do not find peers', 'omit peers');
}

function checkLookups(names: NameLookups): void {
  requireObject('names', names, LOOKUPS);
  const {say, ...flags} = names;
  for (const [name, value] of Object.entries(dropUndefined(flags)))
    requireValid(name, value, (it) => typeof it === 'boolean');
  requireValid('say', say, (it) => it === undefined || typeof it === 'function');
}

/** Picks the options of trace() from a larger object. */
export function pickTraceOptions(options: TraceOptions): TraceOptions {
  return pick(options, OPTIONS);
}

/** @throws TcptraceError (usage) if a value is invalid */
export function completeOptions(options: TraceOptions): FullTraceOptions {
  requireObject('options', options, OPTIONS);
  const complete: FullTraceOptions = {
    source: 'ebpf',
    intervalMs: DEFAULT_INTERVAL_MS,
    signal: new AbortController().signal,
    ...dropUndefined(options),
    filter: completeFilter(options.filter, DEFAULT_EVENTS),
    limits: completeLimits(options.limits),
  };
  const {source, follow, names, intervalMs, updateMs, updatesOnRequest, hostName, peers, signal} = complete;
  refuseUnknown('source', [source], SOURCE_CHOICES);
  requireValid('intervalMs', intervalMs, (ms) => typeof ms === 'number' && ms > 0 && ms <= MAX_TIMER_MS);
  requireValid('signal', signal, (it) => (it as unknown) instanceof AbortSignal);
  if (names !== undefined) checkLookups(names);
  if (updateMs !== undefined) checkUpdates(updateMs, source);
  requireValid('updatesOnRequest', updatesOnRequest ?? false, (it) => typeof it === 'boolean');
  requireValid('hostName', hostName, (name) => name === undefined || isHostName(name));
  if (peers !== undefined) checkPeers(peers, source);
  if (follow !== undefined) checkFollow(follow, source);
  const hasZones = isAboutZones(complete.filter);
  if (hasZones && source === 'proc') throw refuseZones();
  const needsEbpf = follow !== undefined || updateMs !== undefined || peers === true || hasZones;
  return needsEbpf && source === 'auto' ? {...complete, source: 'ebpf'} : complete;
}
