/** What a trace goes by: from what a program gives to all of it, checked. */
import type {NameLookups} from './enrich/namer.js';
import type {Follow} from './kernel/binding.js';
import {completeSocketFilter} from './filter/validate.js';
import {usageError} from './model/errors.js';
import {EVENT_KINDS, type EventKind} from './model/event.js';
import type {Filter} from './filter/filter.js';
import {given, refuseUnknown, requireAll} from './model/check-options.js';
import {PROBE_CHOICES, type ProbeChoice} from './sources/choose.js';
import type {KernelLimits} from './filter/encode.js';

/** See {@link TraceOptions} for what it is where it is not given. */
export interface FullTraceOptions {
  readonly probe: ProbeChoice;
  readonly filter: Filter;
  /** For eBPF: only these processes and their descendants. Scans of /proc cannot do that, so nothing falls back to them. */
  readonly follow?: Follow;
  /** For eBPF. */
  readonly limits: KernelLimits;
  /** Whether `auto` ends with /proc where the kernel has no eBPF for us. */
  readonly mayFallBack: boolean;
  /** For /proc: milliseconds from one scan to the next. */
  readonly intervalMs: number;
  /** What is looked up beside what the kernel tells; nothing where it is not given. */
  readonly names?: NameLookups;
  /** Ends the trace when aborted: probes are detached, events on their way still come. */
  readonly signal: AbortSignal;
}

/**
 * By default: every connection, by the first eBPF probe that works, or an error where none does, until the events are
 * left.
 */
export type TraceOptions = Partial<Omit<FullTraceOptions, 'filter' | 'limits'>> & {
  readonly filter?: Partial<Filter>;
  readonly limits?: Partial<KernelLimits>;
};

/** Connections that are open already are listed on demand. */
export const DEFAULT_EVENTS: readonly EventKind[] = EVENT_KINDS.filter((kind) => kind !== 'open');
export const DEFAULT_LIMITS: KernelLimits = {bufferSizeBytes: 8 * 2 ** 20, maxConnections: 262_144};
export const DEFAULT_INTERVAL_MS = 1000;

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

function completeFilter(partial: Partial<Filter> = {}): Filter {
  const {events = DEFAULT_EVENTS} = partial;
  refuseUnknown('events', events, EVENT_KINDS);
  if (events.length === 0) throw usageError('events: none is wanted', 'leave it out for all that happens');
  return {...completeSocketFilter(partial), events};
}

/** @throws TcptraceError (usage) where a value is wrong */
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
  if (probe === 'proc') throw usageError('scans of /proc cannot follow processes', 'leave out follow');
  return {...complete, mayFallBack: false};
}
