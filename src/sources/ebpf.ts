import type {Batch, NativeTracer, TracerStats} from '../kernel/binding.js';
import type {Probe} from '../model/event.js';
import {formatNow} from '../kernel/clock.js';
import {createDecoder} from '../kernel/decode.js';
import type {ConnectionEvent, LostEvent, TraceEvent} from '../model/event.js';
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
   * Events batch by batch, as the kernel hands them over. Where events were lost, a `lost` event follows the batch
   * that told so. The tracer is freed when this ends, or is left early. Throws TcptraceError where addon and decoder
   * are not of one build.
   */
  readonly events: AsyncGenerator<readonly TraceEvent[], void, undefined>;
  /** The tracer's figures now; once the events have ended, those of the end. */
  readonly stats: () => TracerStats;
}

/**
 * @param tracer belongs to the source from here on
 * @param signal detaches when aborted; what the kernel has kept by then still comes
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
