/** Counts the events of a trace, and offers the counts to Prometheus. */
import {setTimeout as delay} from 'node:timers/promises';
import {createMeter, type Meter} from '../../aggregate/metrics/meter.js';
import {createFamilies} from '../../format/metrics/families.js';
import {CONTENT_TYPE, createExposition} from '../../format/metrics/registry.js';
import {createTraceFamilies} from '../../format/metrics/trace-families.js';
import {type Page, serveMetrics} from '../../output/metrics-server.js';
import type {Trace} from '../../trace.js';
import {readPackage} from '../run/package.js';
import type {Say} from '../io/notices.js';
import {openMetricsFile} from './metrics-file.js';
import type {MetricsOptions} from './metrics-flags.js';

export interface Metrics {
  /** Counts the events of a trace, and yields them. */
  readonly follow: (trace: Trace) => Trace['events'];
  /** Notices for the start. */
  readonly notes: readonly string[];
  /** Writes the text file for the last time. @throws TcptraceError if that fails */
  readonly finish: () => Promise<void>;
  readonly close: () => void;
}

/** Longest wait for the numbers of open connections; a slow reader of the output delays them. */
const MAX_WAIT_MS = 1000;

async function* count(events: Trace['events'], {add}: Meter): Trace['events'] {
  for await (const batch of events) {
    for (const event of batch) add(event);
    yield batch;
  }
}

/** The metrics of a trace. */
interface Counting {
  readonly meter: Meter;
  /** Waits for the numbers of open connections. */
  readonly update: () => Promise<unknown>;
  readonly page: () => Promise<string>;
  /** Without the metrics of the process, which node_exporter has itself. */
  readonly file: () => Promise<string>;
}

/** @param updates true if the trace reports the numbers of open connections on request */
function createCounting(trace: Trace, options: MetricsOptions, updates: boolean): Counting {
  const {labels, maxSeries} = options;
  const {source} = trace;
  const meter = createMeter(options);
  const numbers = {
    lost: meter.lost,
    seriesCount: meter.size,
    seriesLimit: maxSeries,
    folded: meter.folded,
    ...(trace.source !== 'proc' && {kernel: trace.stats}),
  };
  const families = [
    ...createFamilies(['direction', ...labels], meter.series, source),
    ...createTraceFamilies(numbers, {version: readPackage().version, source}),
  ];
  const request = updates && trace.source !== 'proc' ? trace.update : undefined;
  return {
    meter,
    update: () =>
      request === undefined
        ? Promise.resolve()
        : Promise.race([request(), delay(MAX_WAIT_MS, undefined, {ref: false})]),
    page: createExposition(families, true),
    file: createExposition(families, false),
  };
}

/** Makes calls that come while one is pending share its result. */
function sharePending<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let pending: Promise<Result> | undefined;
  return () =>
    (pending ??= run().finally(() => {
      pending = undefined;
    }));
}

/**
 * Starts to serve, and checks that the file can be written. There are no metrics before follow() is called.
 *
 * @param updates true if the trace reports the numbers of open connections on request
 * @throws TcptraceError if the address or the file cannot be used
 */
export async function openMetrics(options: MetricsOptions, updates: boolean, warn: Say): Promise<Metrics> {
  const {address, textfile, intervalMs} = options;
  let counting: Counting | undefined;
  const read = async (kind: 'page' | 'file'): Promise<string | undefined> => {
    await counting?.update();
    return counting?.[kind]();
  };
  const readPage = async (): Promise<Page | undefined> => {
    const text = await read('page');
    return text === undefined ? undefined : {type: CONTENT_TYPE, text};
  };
  const file =
    textfile === undefined
      ? undefined
      : await openMetricsFile(textfile, intervalMs, async () => (await read('file')) ?? '', warn);
  const server = address && (await serveMetrics(address, sharePending(readPage)));
  return {
    follow(trace) {
      counting = createCounting(trace, options, updates);
      return count(trace.events, counting.meter);
    },
    notes: server === undefined ? [] : [`metrics at ${server.url}`],
    finish: async () => file?.finish(),
    close() {
      file?.close();
      server?.close();
    },
  };
}
