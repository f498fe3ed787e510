/** The front door: from what is wanted to a stream of events. */
import {enrich} from './enrich/enrich.js';
import {loadAddon, type NativeTracer, type Probe, type TracerStats} from './kernel/binding.js';
import type {TraceEvent} from './model/event.js';
import {findDescendants} from './procfs/descendants.js';
import {describeHidden} from './procfs/hidden.js';
import {createScanner} from './procfs/tcp/scanner.js';
import {openAddon} from './kernel/addon.js';
import {chooseProbe} from './sources/choose.js';
import {createEbpfSource} from './sources/ebpf.js';
import {readSurroundings} from './sources/privileges.js';
import {HOST_NUMBERS, isInPidNamespace, refuseNumbers} from './sources/pid-namespace.js';
import {createProcSource, type ScanStats} from './sources/proc.js';
import {type KernelLimits, toPredicates, toTracerOptions} from './filter/encode.js';
import {completeOptions, type FullTraceOptions, type TraceOptions} from './trace-options.js';

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

/**
 * Those that were forked between the look at /proc and the moment from which the kernel knows of each fork. The second
 * look is for whom they have forked during the first; a tree that never stands still would take looks without end.
 */
function followLatecomers(tracer: NativeTracer, known: readonly number[]): void {
  const followed = new Set(known);
  for (let looks = 0; looks < 2; looks += 1) {
    const latecomers = findDescendants([...followed]).filter((pid) => !followed.has(pid));
    if (latecomers.length === 0) return;
    tracer.follow(latecomers);
    for (const pid of latecomers) followed.add(pid);
  }
}

/** Whether it takes the numbers that processes have in /proc. Users and namespaces are the kernel's own. */
function goesByPids({filter, follow, names}: FullTraceOptions): boolean {
  const {pids, notPids, ownerPredicates} = filter;
  const isNamed = names !== undefined && (names.args || names.containers || names.hosts);
  return pids.length + notPids.length + ownerPredicates.length > 0 || follow !== undefined || isNamed;
}

/**
 * Attaches, and returns when every event from here on will be seen.
 *
 * @throws TcptraceError where a value is wrong, the addon cannot be loaded, or nothing that was asked for can be had
 */
export function trace(given: TraceOptions = {}): Trace {
  const options = completeOptions(given);
  const {names} = options;
  const plain = open(options);
  return names ? {...plain, events: enrich(plain.events, names)} : plain;
}

function open(options: FullTraceOptions): Trace {
  const {probe: choice, filter, limits, mayFallBack, signal} = options;
  if (choice === 'proc') return openProc(options);
  const {Tracer} = openAddon();
  const follow = options.follow && {...options.follow, pids: findDescendants(options.follow.pids)};
  const attach = (probe: Probe): NativeTracer => {
    const tracer = new Tracer(toTracerOptions(probe, filter, limits, follow));
    try {
      if (follow) followLatecomers(tracer, follow.pids);
    } catch (error) {
      tracer.close();
      throw error;
    }
    return tracer;
  };
  const chosen = chooseProbe(choice, {attach, readSurroundings, mayFallBack});
  if (chosen.probe === 'proc') return openProc(options, chosen.why);
  const {probe, tracer} = chosen;
  const isApart = isInPidNamespace();
  if (isApart && goesByPids(options)) {
    tracer.close();
    throw refuseNumbers();
  }
  const notes = [...tracer.notes, ...(isApart ? [HOST_NUMBERS] : [])];
  return {probe, notes, ...createEbpfSource(tracer, probe, signal, toPredicates(filter))};
}
