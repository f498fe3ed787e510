import type {NativeTracer} from '../kernel/binding.js';
import {type Probe, PROBES} from '../model/event.js';
import {explainRefusal, isLoadError, joinReasons, type Refusal, unsupported} from './refusal.js';
import type {Surroundings} from './privileges.js';

export function isEbpf(probe: string | null): boolean {
  return PROBES.some((name) => name === probe);
}

/**
 * Sources that trace() accepts. `ebpf` is the first probe that works; `auto` is the same, with a fallback to /proc if the
 * kernel supports no probe.
 */
export const SOURCE_CHOICES = ['auto', 'ebpf', ...PROBES, 'proc'] as const;

export type SourceChoice = (typeof SOURCE_CHOICES)[number];

/** Values of --probe. */
export const PROBE_CHOICES = ['auto', ...PROBES, 'proc'] as const;

export type ProbeChoice = (typeof PROBE_CHOICES)[number];

/** Functions and options for trying probes. */
export interface ProbeTrial {
  /** Attaches a probe; throws a LoadError if the kernel refuses it. */
  readonly attach: (probe: Probe) => NativeTracer;
  readonly readSurroundings: () => Surroundings;
}

/** An attached probe. */
export interface Chosen {
  readonly source: Probe;
  readonly tracer: NativeTracer;
}

/** No eBPF probe works on this kernel with any privileges: use /proc. */
export interface Fallback {
  readonly source: 'proc';
  readonly why: string;
}

/** Returns the probes in the order to try. kprobe comes last if the kernel has none: that shows only after a full load. */
function inOrder({hasKprobes}: Surroundings): readonly Probe[] {
  return hasKprobes ? PROBES : [...PROBES.filter((probe) => probe !== 'kprobe'), 'kprobe'];
}

/**
 * Attaches the selected probe, or the first that works. If the kernel does not support any, `auto` falls back to /proc.
 * If a probe would work with more privileges or less memory, it throws instead, so that the user does not get less than
 * possible.
 *
 * @throws TcptraceError (not supported) with the reason of each probe
 */
export function chooseProbe(
  choice: Exclude<SourceChoice, 'proc'>,
  {attach, readSurroundings}: ProbeTrial,
): Chosen | Fallback {
  const refusals: Refusal[] = [];
  for (const probe of choice === 'auto' || choice === 'ebpf' ? inOrder(readSurroundings()) : [choice]) {
    try {
      return {source: probe, tracer: attach(probe)};
    } catch (error) {
      if (!isLoadError(error)) throw error;
      refusals.push(explainRefusal(probe, error, readSurroundings()));
    }
  }
  const isUpToKernel = refusals.every(({lacks}) => lacks === 'support');
  if (choice === 'auto' && isUpToKernel) return {source: 'proc', why: joinReasons(refusals)};
  throw unsupported('trace', refusals);
}
