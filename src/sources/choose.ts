import type {NativeTracer, Probe} from '../kernel/binding.js';
import {ExitCode, TcptraceError} from '../model/errors.js';
import {explainRefusal, isLoadError, type Refusal} from './refusal.js';
import type {Surroundings} from './privileges.js';

/** The ways of hooking the kernel, in the order in which `auto` tries them. */
export const PROBES = ['fentry', 'kprobe', 'tracepoint'] as const satisfies readonly Probe[];

/** What may be asked for. */
export const PROBE_CHOICES = ['auto', ...PROBES] as const;

export type ProbeChoice = (typeof PROBE_CHOICES)[number];

/** How a probe is tried, and what explains it where that fails. */
export interface ProbeTrial {
  /** Attaches a probe; throws the addon's LoadError where the kernel says no. */
  readonly attach: (probe: Probe) => NativeTracer;
  readonly readSurroundings: () => Surroundings;
}

/** A probe that is attached. */
export interface Chosen {
  readonly probe: Probe;
  readonly tracer: NativeTracer;
}

function unsupported(refusals: readonly Refusal[]): TcptraceError {
  const reasons = new Set(refusals.map(({reason}) => reason));
  const hints = new Set(refusals.map(({hint}) => hint));
  const hint = (hints.size === 1 ? [...hints][0] : undefined) ?? 'tcptrace doctor shows what works here';
  const each = refusals.map(({probe, reason}) => `${probe}: ${reason}`);
  const message = refusals.length > 1 && reasons.size === 1 ? [...reasons] : each;
  return new TcptraceError(`cannot trace: ${message.join('; ')}`, ExitCode.UNSUPPORTED, hint);
}

/**
 * Attaches the probe that was asked for, or the first that works: tried, not guessed from version numbers.
 *
 * @throws TcptraceError (not supported), naming why each was refused
 */
export function chooseProbe(choice: ProbeChoice, {attach, readSurroundings}: ProbeTrial): Chosen {
  const refusals: Refusal[] = [];
  for (const probe of choice === 'auto' ? PROBES : [choice]) {
    try {
      return {probe, tracer: attach(probe)};
    } catch (error) {
      if (!isLoadError(error)) throw error;
      refusals.push(explainRefusal(probe, error, readSurroundings()));
    }
  }
  throw unsupported(refusals);
}
