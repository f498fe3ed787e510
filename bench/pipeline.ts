/**
 * Measures events per second and heap bytes per event of decoding, filtering and formatting, on one core.
 * JSON.stringify and ndjson.stringify are generic JSON writers, for comparison.
 * Usage: npm run bench:pipeline -- [MILLISECONDS [check | save]]
 * check and save: see baseline.ts.
 */
import {finished} from 'node:stream/promises';
import ndjson from 'ndjson';
import {Bench} from 'tinybench';
import {createDecoder} from '#dist/kernel/decode.js';
import {hasComm, include} from '#dist/filter/predicates.js';
import {compileEndpoints} from '#dist/filter/endpoints.js';
import {meets} from '#dist/filter/filter.js';
import {createCsv} from '#dist/format/csv.js';
import {formatNdjson} from '#dist/format/ndjson.js';
import {CHUNK} from '#dist/output/output.js';
import {createTable} from '#dist/format/table/table.js';
import {createPaint} from '#dist/terminal/paint.js';
import {checkBaseline, REFERENCE, saveBaseline} from './baseline.js';
import {EVENTS, recordBatch} from './recorded.js';
import {median, report, round} from './report.js';

const [milliseconds = '2000', mode] = process.argv.slice(2);

const batch = recordBatch();
const decode = createDecoder('tracepoint');
const events = decode(batch);
type Event = (typeof events)[number];
/** The events without undefined fields. */
const plainEvents = events.map((event) => JSON.parse(JSON.stringify(event)) as Event);
const output = Buffer.alloc(1 << 20);
const {format: formatCsv} = createCsv();
const {format: formatRow} = createTable(createPaint(1));
const conditions = [
  include(hasComm(['c*', 'n*'])),
  compileEndpoints({kind: 'include', tests: [{endpoint: 'either', ports: [443, 443]}]}),
];

/** Formats and encodes like src/output/output.ts; V8 flattens concatenated strings only when they are encoded. */
function toBytes(format: (event: Event) => string, list = events): void {
  let text = '';
  for (const event of list) {
    text += format(event);
    if (text.length >= CHUNK) {
      output.write(text);
      text = '';
    }
  }
  output.write(text);
}

async function toStream(): Promise<void> {
  const stringify = ndjson.stringify();
  stringify.resume();
  for (const event of plainEvents) stringify.write(event);
  await finished(stringify.end());
}

const STAGES: Readonly<Record<string, () => void | Promise<void>>> = {
  decode: () => void decode(batch),
  'filter with two predicates': () => void events.filter((event) => meets(conditions, event)),
  NDJSON: () => {
    toBytes(formatNdjson);
  },
  CSV: () => {
    toBytes(formatCsv);
  },
  table: () => {
    toBytes(formatRow);
  },
  'decode + NDJSON': () => {
    toBytes(formatNdjson, decode(batch));
  },
  [REFERENCE]: () => {
    toBytes((event) => `${JSON.stringify(event)}\n`, plainEvents);
  },
  'ndjson.stringify': toStream,
};

const RUNS = 31;

/** Median heap growth per event; the median ignores runs with a garbage collection. */
async function allocatedBytes(run: () => void | Promise<void>): Promise<number> {
  const taken: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const before = process.memoryUsage().heapUsed;
    await run();
    taken.push(process.memoryUsage().heapUsed - before);
  }
  return median(taken) / EVENTS;
}

/** Each stage runs once per round; the best round counts, because other processes may disturb some. */
const ROUNDS = 6;
const perSecond = new Map<string, number>();
for (let round = 0; round < ROUNDS; round++) {
  const time = Number(milliseconds) / ROUNDS;
  const bench = new Bench({time, warmupTime: time / 4});
  for (const [name, run] of Object.entries(STAGES)) bench.add(name, run);
  await bench.run();
  for (const {name, result} of bench.tasks) {
    if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`);
    perSecond.set(name, Math.max(perSecond.get(name) ?? 0, (1000 / result.latency.p50) * EVENTS));
  }
}
const rows = [];
for (const [stage, run] of Object.entries(STAGES))
  rows.push({
    stage,
    'M events/s': round((perSecond.get(stage) ?? NaN) / 1e6, 2),
    'bytes per event': Math.round(await allocatedBytes(run)),
  });
report('pipeline', rows);
if (mode === 'save') saveBaseline(perSecond);
if (mode === 'check') checkBaseline(perSecond);
