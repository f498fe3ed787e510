import type {Batch, NativeTracer, TracerStats} from '../kernel/binding.js';
import {formatNow} from '../kernel/clock.js';
import {createDecoder} from '../kernel/decode.js';
import {createCgroupReader} from '../kernel/decode-cgroup.js';
import {rememberCgroup} from '../kernel/known-cgroups.js';
import type {ConnectionEvent, LostEvent, Probe, TraceEvent} from '../model/event.js';
import type {Predicate} from '../filter/match-subject.js';
import {meets} from '../filter/filter.js';
import {releaseUnstarted} from '../model/early-return.js';

/** Returns a function that reports the events lost since its last call; undefined for none. */
function createLossMeter(source: Probe): (total: number) => LostEvent | undefined {
  let known = 0;
  return (total) => {
    if (total <= known) return undefined;
    const count = total - known;
    known = total;
    return {time: formatNow(), event: 'lost', source, count};
  };
}

/** An attached probe as a source of events. */
export interface EbpfSource {
  /**
   * Batches in the order of the ring buffer. A `lost` event follows the batch that reported a loss. Frees the tracer
   * when it ends or is left early. Throws TcptraceError if addon and decoder are of different builds.
   */
  readonly events: AsyncGenerator<readonly TraceEvent[], void, undefined>;
  /** Returns the tracer's counters: current ones, or the final ones once the events have ended. */
  readonly stats: () => TracerStats;
}

type Tracer = Omit<NativeTracer, 'countConnections' | 'follow' | 'followed' | 'refuseCgroup'>;

/** Reads until the tracer has stopped and its ring buffer is empty. @param finish returns the final counters */
async function* readEvents(
  tracer: Tracer,
  probe: Probe,
  predicates: readonly Predicate[],
  finish: () => TracerStats,
): AsyncGenerator<readonly TraceEvent[], void, undefined> {
  const decode = createDecoder(probe, createCgroupReader(rememberCgroup));
  const takeLoss = createLossMeter(probe);
  const select = (events: ConnectionEvent[]): ConnectionEvent[] =>
    predicates.length === 0 ? events : events.filter((event) => meets(predicates, event));
  let batch: Batch | null;
  while ((batch = await tracer.read()) !== null) {
    const events: TraceEvent[] = select(decode(batch));
    const loss = takeLoss(batch.lost);
    if (loss !== undefined) events.push(loss);
    yield events;
  }
  const loss = takeLoss(finish().lost);
  if (loss !== undefined) yield [loss];
}

/**
 * Turns the records of a tracer into events.
 *
 * @param tracer is owned and freed by the source
 * @param signal detaches when aborted; records that are in the ring buffer by then are still read
 * @param predicates the part of the filter that the kernel does not evaluate
 */
export function createEbpfSource(
  tracer: Tracer,
  probe: Probe,
  signal: AbortSignal,
  predicates: readonly Predicate[] = [],
): EbpfSource {
  let final: TracerStats | undefined;
  const finish = (): TracerStats => (final ??= tracer.stats());

  const stop = (): void => {
    tracer.stop();
  };

  const release = (): void => {
    signal.removeEventListener('abort', stop);
    finish();
    tracer.close();
  };

  async function* events(): AsyncGenerator<readonly TraceEvent[], void, undefined> {
    try {
      yield* readEvents(tracer, probe, predicates, finish);
    } finally {
      release();
    }
  }

  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  return {events: releaseUnstarted(events(), release), stats: () => final ?? tracer.stats()};
}
