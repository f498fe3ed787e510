import type {NativeTracer, Probe} from '../kernel/binding.js';
import {explainRefusal, isLoadError, joinReasons, type Refusal, unsupported} from './refusal.js';
import type {Surroundings} from './privileges.js';

/** The ways of hooking the kernel by eBPF, in the order in which `auto` tries them. */
export const PROBES = ['fentry', 'kprobe', 'tracepoint'] as const satisfies readonly Probe[];

export function isEbpf(probe: string | null): boolean {
  return PROBES.some((name) => name === probe);
}

/** What may be asked for. */
export const PROBE_CHOICES = ['auto', ...PROBES, 'proc'] as const;

export type ProbeChoice = (typeof PROBE_CHOICES)[number];

/** How a probe is tried, and what explains it where that fails. */
export interface ProbeTrial {
  /** Attaches a probe; throws the addon's LoadError where the kernel says no. */
  readonly attach: (probe: Probe) => NativeTracer;
  readonly readSurroundings: () => Surroundings;
  /** Whether `auto` may end with /proc. */
  readonly mayFallBack: boolean;
}

/** A probe that is attached. */
export interface Chosen {
  readonly probe: Probe;
  readonly tracer: NativeTracer;
}

/** No eBPF probe works with this kernel, whoever asks: /proc is what is left. */
export interface Fallback {
  readonly probe: 'proc';
  readonly why: string;
}

/** A kernel without kprobes has their programs loaded before it refuses them, which would hold up what works. */
function inOrder({hasKprobes}: Surroundings): readonly Probe[] {
  return hasKprobes ? PROBES : [...PROBES.filter((probe) => probe !== 'kprobe'), 'kprobe'];
}

/**
 * Attaches the probe that was asked for, or the first that works: tried, not guessed from version numbers. Where the
 * kernel refuses each for reasons of its own, `auto` falls back; where more privileges or less memory would do, the
 * user is told so instead of getting less than could be had.
 *
 * @throws TcptraceError (not supported), naming why each was refused
 */
export function chooseProbe(
  choice: Exclude<ProbeChoice, 'proc'>,
  {attach, readSurroundings, mayFallBack}: ProbeTrial,
): Chosen | Fallback {
  const refusals: Refusal[] = [];
  for (const probe of choice === 'auto' ? inOrder(readSurroundings()) : [choice]) {
    try {
      return {probe, tracer: attach(probe)};
    } catch (error) {
      if (!isLoadError(error)) throw error;
      refusals.push(explainRefusal(probe, error, readSurroundings()));
    }
  }
  const isUpToKernel = refusals.every(({lacks}) => lacks === 'support');
  if (choice === 'auto' && mayFallBack && isUpToKernel) return {probe: 'proc', why: joinReasons(refusals)};
  throw unsupported('trace', refusals);
}
