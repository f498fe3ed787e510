/** The front door: from what is wanted to a stream of events. */
import type {Probe, TracerStats} from './kernel/binding.js';
import type {TraceEvent} from './model/event.js';
import type {Filter} from './model/filter.js';
import {openAddon} from './sources/addon.js';
import {chooseProbe, type ProbeChoice} from './sources/choose.js';
import {createEbpfSource} from './sources/ebpf.js';
import {readSurroundings} from './sources/privileges.js';
import {toTracerOptions, type KernelLimits} from './sources/tracer-options.js';

export interface TraceOptions {
  readonly probe: ProbeChoice;
  readonly filter: Filter;
  readonly limits: KernelLimits;
  /** Ends the trace when aborted: probes are detached, events on their way still come. */
  readonly signal: AbortSignal;
}

/** A trace that is attached and runs until its signal is aborted, or its events are left. */
export interface Trace {
  /** The probe that is attached. */
  readonly probe: Probe;
  /** What this kernel could not give, `program: reason`. */
  readonly notes: readonly string[];
  /** Batches in the order in which the kernel wrote them. To be read once, and to its end or left by `break`. */
  readonly events: AsyncIterable<readonly TraceEvent[]>;
  stats(): TracerStats;
}

/**
 * Attaches, and returns when every event from here on will be seen.
 *
 * @throws TcptraceError where the addon cannot be loaded, or no probe that was asked for can be had
 */
export function openTrace({probe: choice, filter, limits, signal}: TraceOptions): Trace {
  const {Tracer} = openAddon();
  const attach = (probe: Probe) => new Tracer(toTracerOptions(probe, filter, limits));
  const {probe, tracer} = chooseProbe(choice, {attach, readSurroundings});
  return {probe, notes: tracer.notes, ...createEbpfSource(tracer, probe, signal)};
}
