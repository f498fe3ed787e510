import type {Batch, NativeTracer, TracerStats} from '../kernel/binding.js';
import {formatNow} from '../kernel/clock.js';
import {createDecoder} from '../kernel/decode.js';
import type {ConnectionEvent, LostEvent, Probe, TraceEvent} from '../model/event.js';
import type {Predicate} from '../filter/match-subject.js';
import {meets} from '../filter/filter.js';
import {releaseUnstarted} from '../model/early-return.js';

/** Tells how many events were lost since it was last asked; undefined for none. */
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

/**
 * @param tracer is owned and freed by the source
 * @param signal detaches when aborted; records that are in the ring buffer by then are still read
 * @param predicates the part of the filter that the kernel does not evaluate
 */
export function createEbpfSource(
  tracer: Omit<NativeTracer, 'countConnections' | 'follow' | 'followed'>,
  probe: Probe,
  signal: AbortSignal,
  predicates: readonly Predicate[] = [],
): EbpfSource {
  let final: TracerStats | undefined;

  function select(events: ConnectionEvent[]): ConnectionEvent[] {
    return predicates.length === 0 ? events : events.filter((event) => meets(predicates, event));
  }

  async function* read(): AsyncGenerator<readonly TraceEvent[], void, undefined> {
    const decode = createDecoder(probe);
    const takeLoss = createLossMeter(probe);
    let batch: Batch | null;
    while ((batch = await tracer.read()) !== null) {
      const events: TraceEvent[] = select(decode(batch));
      const loss = takeLoss(batch.lost);
      if (loss !== undefined) events.push(loss);
      yield events;
    }
    final = tracer.stats();
    const loss = takeLoss(final.lost);
    if (loss !== undefined) yield [loss];
  }

  const stop = (): void => {
    tracer.stop();
  };

  const release = (): void => {
    signal.removeEventListener('abort', stop);
    final ??= tracer.stats();
    tracer.close();
  };

  async function* events(): AsyncGenerator<readonly TraceEvent[], void, undefined> {
    try {
      yield* read();
    } finally {
      release();
    }
  }

  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  return {events: releaseUnstarted(events(), release), stats: () => final ?? tracer.stats()};
}
