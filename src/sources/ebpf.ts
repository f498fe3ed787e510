import type {Batch, NativeTracer, TracerStats} from '../kernel/binding.js';
import {formatNow} from '../kernel/clock.js';
import {createDecoder} from '../kernel/decode.js';
import {createCgroupReader} from '../kernel/decode-cgroup.js';
import {rememberCgroup} from '../kernel/known-cgroups.js';
import type {ConnectionEvent, LostEvent, Probe, TraceEvent} from '../model/event.js';
import type {Predicate} from '../filter/match-subject.js';
import {meets} from '../filter/filter.js';
import {createZoneNames} from './zones.js';
import {releaseUnstarted} from '../model/basics/early-return.js';
import {createPeers} from './peers/traced.js';

/** Returns a function that reports the events lost since its last call; undefined for none. */
function createLossMeter(source: Probe, host: string | undefined): (total: number) => LostEvent | undefined {
  let known = 0;
  return (total) => {
    if (total <= known) return undefined;
    const count = total - known;
    known = total;
    return {time: formatNow(), event: 'lost', source, ...(host !== undefined && {host}), count};
  };
}

/** Visits of live connections, which emit `update`. */
interface Visits {
  /** Resolves when the events of a visit that begins now were taken, or there are no more events. */
  readonly request: () => Promise<void>;
  /** Call when the events of a batch were taken. */
  readonly taken: (batch: Batch) => void;
  readonly end: () => void;
}

function createVisits(tracer: Tracer): Visits {
  const waiting = new Map<number, () => void>();
  let requested = 0;
  let hasEnded = false;
  const release = (visits: number): void => {
    for (const [visit, resolve] of waiting) {
      if (visit > visits) continue;
      waiting.delete(visit);
      resolve();
    }
  };
  return {
    request() {
      if (hasEnded) return Promise.resolve();
      tracer.update();
      requested += 1;
      const visit = requested;
      return new Promise((resolve) => waiting.set(visit, resolve));
    },
    taken({visits}) {
      release(visits);
    },
    end() {
      hasEnded = true;
      release(Infinity);
    },
  };
}

/** An attached probe as a source of events. */
export interface EbpfSource {
  /**
   * Batches in the order of the ring buffer. A `lost` event follows the batch that reported a loss. Frees the tracer
   * when it ends or is left early. Throws TcptraceError if addon and decoder are of different builds.
   */
  readonly events: AsyncGenerator<readonly TraceEvent[], void, undefined>;
  /** Emits `update` events; resolves when the reader of the events has taken them. */
  readonly update: () => Promise<void>;
  /** Returns the tracer's counters: current ones, or the final ones once the events have ended. */
  readonly stats: () => TracerStats;
}

type Tracer = Omit<NativeTracer, 'countConnections' | 'follow' | 'followed' | 'refuseCgroup'>;

interface Reading {
  readonly tracer: Tracer;
  readonly probe: Probe;
  readonly predicates: readonly Predicate[];
  readonly host: string | undefined;
  readonly peers: boolean;
  readonly visits: Visits;
  /** Returns the final counters. */
  readonly finish: () => TracerStats;
}

/** Reads until the tracer has stopped and its ring buffer is empty. */
async function* readEvents({
  tracer,
  probe,
  predicates,
  host,
  peers,
  visits,
  finish,
}: Reading): AsyncGenerator<readonly TraceEvent[], void, undefined> {
  const decode = createDecoder(probe, {
    readCgroup: createCgroupReader(rememberCgroup),
    host,
    nameZone: createZoneNames(),
    addPeer: peers ? createPeers() : undefined,
  });
  const takeLoss = createLossMeter(probe, host);
  const select = (events: ConnectionEvent[]): ConnectionEvent[] =>
    predicates.length === 0 ? events : events.filter((event) => meets(predicates, event));
  let batch: Batch | null;
  while ((batch = await tracer.read()) !== null) {
    const events: TraceEvent[] = select(decode(batch));
    const loss = takeLoss(batch.lost);
    if (loss !== undefined) events.push(loss);
    yield events;
    visits.taken(batch);
  }
  const loss = takeLoss(finish().lost);
  if (loss !== undefined) yield [loss];
}

export interface EbpfSourceOptions {
  /** The part of the filter that the kernel does not evaluate. */
  readonly predicates?: readonly Predicate[];
  /** The tracer emits `update`: once more before it stops. */
  readonly hasUpdates?: boolean;
  /** Value of the events' `host` field. */
  readonly host?: string | undefined;
  /** Adds the peer of each connection; the tracer has the option `peers`. */
  readonly peers?: boolean;
}

/**
 * Turns the records of a tracer into events.
 *
 * @param tracer is owned and freed by the source
 * @param signal detaches when aborted; records that are in the ring buffer by then are still read
 */
export function createEbpfSource(
  tracer: Tracer,
  probe: Probe,
  signal: AbortSignal,
  {predicates = [], hasUpdates = false, host, peers = false}: EbpfSourceOptions = {},
): EbpfSource {
  const visits = createVisits(tracer);
  let final: TracerStats | undefined;
  const finish = (): TracerStats => (final ??= tracer.stats());

  const stop = (): void => {
    tracer.stop();
  };
  const visitAndStop = (): void => void visits.request().then(stop);
  const onAbort = hasUpdates ? visitAndStop : stop;

  const release = (): void => {
    signal.removeEventListener('abort', onAbort);
    finish();
    tracer.close();
    visits.end();
  };

  async function* events(): AsyncGenerator<readonly TraceEvent[], void, undefined> {
    try {
      yield* readEvents({tracer, probe, predicates, host, peers, visits, finish});
    } finally {
      release();
    }
  }

  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  return {
    events: releaseUnstarted(events(), release),
    update: visits.request,
    stats: () => final ?? tracer.stats(),
  };
}
