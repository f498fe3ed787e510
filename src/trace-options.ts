/** Options of trace(): defaults and validation. */
import type {NameLookups} from './enrich/namer.js';
import type {Follow} from './kernel/binding.js';
import {completeSocketFilter} from './filter/validate.js';
import {usageError} from './model/errors.js';
import {EVENT_KINDS, type EventKind} from './model/event.js';
import type {Filter} from './filter/filter.js';
import {given, refuseUnknown, requireAll} from './model/check-options.js';
import {PROBE_CHOICES, type ProbeChoice} from './sources/choose.js';
import type {KernelLimits} from './filter/encode.js';

/** All options of a trace; see {@link TraceOptions} for the defaults. */
export interface FullTraceOptions {
  readonly probe: ProbeChoice;
  readonly filter: Filter;
  /** Trace only these processes and their descendants. Needs eBPF: disables the fallback to /proc. */
  readonly follow?: Follow;
  /** Sizes of kernel buffers; for eBPF. */
  readonly limits: KernelLimits;
  /** True if `auto` falls back to /proc when the kernel refuses eBPF. */
  readonly mayFallBack: boolean;
  /** Milliseconds between the starts of two /proc scans. */
  readonly intervalMs: number;
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
export const DEFAULT_LIMITS: KernelLimits = {bufferSizeBytes: 8 * 2 ** 20, maxConnections: 262_144};
export const DEFAULT_INTERVAL_MS = 1000;

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

function completeFilter(partial: Partial<Filter> = {}): Filter {
  const {events = DEFAULT_EVENTS} = partial;
  refuseUnknown('events', events, EVENT_KINDS);
  if (events.length === 0) throw usageError('events is empty', 'omit it to trace all kinds');
  return {...completeSocketFilter(partial), events};
}

/** @throws TcptraceError (usage) if a value is invalid */
export function completeOptions(options: TraceOptions): FullTraceOptions {
  const complete: FullTraceOptions = {
    probe: 'auto',
    mayFallBack: false,
    intervalMs: DEFAULT_INTERVAL_MS,
    signal: new AbortController().signal,
    ...given(options),
    filter: completeFilter(options.filter),
    limits: {...DEFAULT_LIMITS, ...given(options.limits)},
  };
  const {probe, follow, limits, intervalMs} = complete;
  refuseUnknown('probe', [probe], PROBE_CHOICES);
  requireAll('limits', [limits.bufferSizeBytes, limits.maxConnections], isCount);
  requireAll('intervalMs', [intervalMs], (ms) => ms > 0);
  if (follow === undefined) return complete;
  if (probe === 'proc') throw usageError('scans of /proc cannot follow processes', 'omit follow');
  return {...complete, mayFallBack: false};
}
