/** trace(): attaches a probe or scans /proc, and returns a stream of events. */
import {describeHiddenCgroups, rememberCgroups} from './enrich/cgroups.js';
import {enrich} from './enrich/enrich.js';
import type {KernelLimits, NativeTracer, TracerStats} from './kernel/binding.js';
import type {Probe, TraceEvent} from './model/event.js';
import {findDescendants} from './procfs/descendants.js';
import {describeHidden} from './procfs/hidden.js';
import {createScanner} from './procfs/tcp/scanner.js';
import {loadAddon, openAddon} from './kernel/addon.js';
import {chooseProbe} from './sources/choose.js';
import {createEbpfSource} from './sources/ebpf.js';
import {readSurroundings} from './sources/privileges.js';
import {NO_PREEXISTING, isInPidNamespace, refusePids} from './sources/pid-namespace.js';
import {createProcSource, type ScanStats} from './sources/proc.js';
import {toPredicates} from './filter/divide.js';
import {encodeFilter} from './filter/encode.js';
import {releaseUnstarted} from './model/basics/early-return.js';
import {completeOptions, type FullTraceOptions, type TraceOptions} from './trace-options.js';

interface TraceBase {
  /** Limitations of this trace, such as `program: reason`. */
  readonly notes: readonly string[];
  /** Batches of events in order. Iterate once, to the end or until `break` or return(), which stop the trace. */
  readonly events: AsyncGenerator<readonly TraceEvent[], void, undefined>;
}

/** A running eBPF trace. It stops when its signal is aborted or the loop over its events is left. */
export interface EbpfTrace extends TraceBase {
  /** The attached probe. */
  readonly source: Probe;
  readonly stats: () => TracerStats;
  /**
   * Emits `update` for each live connection that has changed. Resolves when the loop over the events has taken them,
   * so do not wait for it inside of that loop.
   */
  readonly update: () => Promise<void>;
  /** Followed processes, until the events end; those that have just exited may be among them. */
  readonly followed: () => readonly number[];
}

/** A trace by /proc scans; the first scan is done. */
export interface ProcTrace extends TraceBase {
  readonly source: 'proc';
  /** Why eBPF is not available; undefined if /proc was selected. */
  readonly why: string | undefined;
  readonly stats: () => ScanStats;
}

export type Trace = EbpfTrace | ProcTrace;

/** Creates a check that the output still has a reader. Needs the addon: Node.js notices only when it writes. */
function createReadCheck({outputFd}: KernelLimits): (() => boolean) | undefined {
  if (outputFd === undefined) return undefined;
  try {
    const {isHungUp} = loadAddon();
    return () => !isHungUp(outputFd);
  } catch {
    return undefined;
  }
}

function openProc(options: FullTraceOptions, why?: string): ProcTrace {
  const {filter, intervalMs, limits, signal, hostName: host} = options;
  const isRead = createReadCheck(limits);
  const scans = createProcSource(createScanner(), {filter, intervalMs, signal, isRead, host});
  return {source: 'proc', why, notes: describeHidden(), ...scans};
}

/**
 * Follows processes that were forked between the scan of /proc and the attachment of the probe. Scans twice, because
 * they may fork during the first scan; a tree that forks all the time would otherwise need endless scans.
 */
function followLatecomers(tracer: NativeTracer, known: readonly number[]): void {
  const followed = new Set(known);
  for (let scans = 0; scans < 2; scans += 1) {
    const latecomers = findDescendants([...followed]).filter((pid) => !followed.has(pid));
    if (latecomers.length === 0) return;
    tracer.follow(latecomers);
    for (const pid of latecomers) followed.add(pid);
  }
}

/** True if options refer to pids of /proc, which differ from the kernel's in a pid namespace. */
function usesPids({filter, follow, names}: FullTraceOptions): boolean {
  const {pids, excludePids, ownerPredicates, cgroupTests} = filter;
  const isNamed = names !== undefined && (names.args || names.containers || names.hosts);
  const lists = [pids, excludePids, ownerPredicates, cgroupTests];
  return lists.some(({length}) => length > 0) || follow !== undefined || isNamed;
}

/**
 * Starts a trace. When it returns, every later event is reported.
 *
 * @throws TcptraceError if an option is invalid, the addon cannot be loaded, or no selected probe is available
 */
export function trace(partial: TraceOptions = {}): Trace {
  const options = completeOptions(partial);
  const {names} = options;
  const opened = open(options);
  if (names === undefined) return opened;
  const events = releaseUnstarted(enrich(opened.events, names), () => void opened.events.return());
  return {...opened, events};
}

function hasUpdates({updateMs, updatesOnRequest = false}: FullTraceOptions): boolean {
  return updateMs !== undefined || updatesOnRequest;
}

function usesCgroups({filter, names}: FullTraceOptions): boolean {
  return filter.cgroupTests.length > 0 || names?.containers === true;
}

/** Returns a function that attaches a probe. */
function createAttach(options: FullTraceOptions): (probe: Probe) => NativeTracer {
  const {filter, limits, updateMs, updatesOnRequest = false} = options;
  const {Tracer} = openAddon();
  const follow = options.follow && {...options.follow, pids: findDescendants(options.follow.pids)};
  const common = {
    ...limits,
    filter: encodeFilter(filter, follow !== undefined),
    newCgroups: usesCgroups(options),
    refusesCgroups: filter.cgroupTests.length > 0,
    peers: options.peers === true,
    ...(updateMs !== undefined && {updateMs}),
    updates: updatesOnRequest,
    ...(follow && {follow}),
  };
  return (probe) => {
    const tracer = new Tracer({probe, ...common});
    try {
      if (follow) followLatecomers(tracer, follow.pids);
    } catch (error) {
      tracer.close();
      throw error;
    }
    return tracer;
  };
}

function open(options: FullTraceOptions): Trace {
  const {source: choice, filter, peers, signal, hostName: host} = options;
  if (choice === 'proc') return openProc(options);
  const attach = createAttach(options);
  const chosen = chooseProbe(choice, {attach, readSurroundings});
  if (chosen.source === 'proc') return openProc(options, chosen.why);
  const {source, tracer} = chosen;
  if (usesCgroups(options)) rememberCgroups();
  const isNested = isInPidNamespace();
  if (isNested && usesPids(options)) {
    tracer.close();
    throw refusePids();
  }
  const hidden = usesCgroups(options) ? describeHiddenCgroups() : undefined;
  const notes = [
    ...tracer.notes,
    ...(isNested ? [NO_PREEXISTING] : []),
    ...(hidden === undefined ? [] : [hidden]),
  ];
  const predicates = toPredicates(filter, (id, refusals) => {
    tracer.refuseCgroup(id, refusals);
  });
  const events = createEbpfSource(tracer, source, signal, {
    predicates,
    hasUpdates: hasUpdates(options),
    host,
    peers: peers === true,
  });
  return {source, notes, followed: () => tracer.followed(), ...events};
}
