/** The front door: from what is wanted to a stream of events. */
import {type Follow, loadAddon, type NativeTracer, type Probe, type TracerStats} from './kernel/binding.js';
import {EVENT_KINDS, type EventKind, type TraceEvent} from './model/event.js';
import {enrich} from './enrich/enrich.js';
import type {Wanted} from './enrich/namer.js';
import {type Filter, NO_FILTER} from './model/filter.js';
import {findDescendants} from './procfs/descendants.js';
import {describeHidden} from './procfs/hidden.js';
import {createScanner} from './procfs/scanner.js';
import {openAddon} from './sources/addon.js';
import {chooseProbe, type ProbeChoice} from './sources/choose.js';
import {createEbpfSource} from './sources/ebpf.js';
import {readSurroundings} from './sources/privileges.js';
import {createProcSource, type ScanStats} from './sources/proc.js';
import {toConditions, toTracerOptions, type KernelLimits} from './sources/tracer-options.js';

/** What a trace goes by; see {@link TraceOptions} for what it is where it is not given. */
export interface FullTraceOptions {
  readonly probe: ProbeChoice;
  readonly filter: Filter;
  /** For eBPF: only these processes and their descendants. */
  readonly follow?: Follow;
  /** For eBPF. */
  readonly limits: KernelLimits;
  /** Whether `auto` ends with /proc where the kernel has no eBPF for us. */
  readonly mayFallBack: boolean;
  /** For /proc: milliseconds from one scan to the next. */
  readonly intervalMs: number;
  /** What is looked up beside what the kernel tells; nothing where it is not given. */
  readonly names?: Wanted;
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

function complete(options: TraceOptions): FullTraceOptions {
  return {
    probe: 'auto',
    mayFallBack: false,
    intervalMs: DEFAULT_INTERVAL_MS,
    signal: new AbortController().signal,
    ...options,
    filter: {events: DEFAULT_EVENTS, ...NO_FILTER, ...options.filter},
    limits: {...DEFAULT_LIMITS, ...options.limits},
  };
}

interface TraceBase {
  /** What could not be had, such as `program: reason`. */
  readonly notes: readonly string[];
  /** Batches in the order in which they came. To be read once, and to its end or left by `break`. */
  readonly events: AsyncIterable<readonly TraceEvent[]>;
}

/** A trace by eBPF that is attached and runs until its signal is aborted, or its events are left. */
export interface EbpfTrace extends TraceBase {
  /** The probe that is attached. */
  readonly probe: Probe;
  readonly stats: () => TracerStats;
}

/** A trace by scans of /proc, of which the first is done. */
export interface ProcTrace extends TraceBase {
  readonly probe: 'proc';
  /** Why there is no eBPF, where that was asked for. */
  readonly why: string | undefined;
  readonly stats: () => ScanStats;
}

export type Trace = EbpfTrace | ProcTrace;

/** Node.js does not tell before something is written. Without the addon, which scans do without, nobody does. */
function createReadCheck({outputFd}: KernelLimits): (() => boolean) | undefined {
  if (outputFd === undefined) return undefined;
  try {
    const {isHungUp} = loadAddon();
    return () => !isHungUp(outputFd);
  } catch {
    return undefined;
  }
}

function openProc({filter, intervalMs, limits, signal}: FullTraceOptions, why?: string): ProcTrace {
  const isRead = createReadCheck(limits);
  const source = createProcSource(createScanner(), {filter, intervalMs, signal, isRead});
  return {probe: 'proc', why, notes: describeHidden(), ...source};
}

/** Those that were forked between the look at /proc and the moment from which the kernel knows of each fork. */
function followLatecomers(tracer: NativeTracer, known: readonly number[]): void {
  for (let followed = known; ;) {
    const all = findDescendants(followed);
    const latecomers = all.filter((pid) => !followed.includes(pid));
    if (latecomers.length === 0) return;
    tracer.follow(latecomers);
    followed = all;
  }
}

/**
 * Attaches, and returns when every event from here on will be seen.
 *
 * @throws TcptraceError where the addon cannot be loaded, or nothing that was asked for can be had
 */
export function trace(given: TraceOptions = {}): Trace {
  const options = complete(given);
  const {names} = options;
  const plain = open(options);
  return names ? {...plain, events: enrich(plain.events, names)} : plain;
}

function open(options: FullTraceOptions): Trace {
  const {probe: choice, filter, limits, mayFallBack, signal} = options;
  if (choice === 'proc') return openProc(options);
  const {Tracer} = openAddon();
  const follow = options.follow && {...options.follow, pids: findDescendants(options.follow.pids)};
  const attach = (probe: Probe) => new Tracer(toTracerOptions(probe, filter, limits, follow));
  const chosen = chooseProbe(choice, {attach, readSurroundings, mayFallBack});
  if (chosen.probe === 'proc') return openProc(options, chosen.why);
  const {probe, tracer} = chosen;
  if (follow) followLatecomers(tracer, follow.pids);
  return {probe, notes: tracer.notes, ...createEbpfSource(tracer, probe, signal, toConditions(filter))};
}
