import {encodeFilter} from '#dist/filter/encode.js';
import {type Filter, NO_FILTER} from '#dist/filter/filter.js';
import type {TracerOptions} from '#dist/kernel/binding.js';
import {EVENT_KINDS} from '#dist/model/event.js';

/** Encodes a filter of events of this process. */
export function filterOf(filter: Partial<Filter> = {}, follow = false): Buffer {
  return encodeFilter({...NO_FILTER, events: EVENT_KINDS, pids: [process.pid], ...filter}, follow);
}

/** Options of the addon that trace everything this process does. */
export const TRACER_OPTIONS: TracerOptions = {
  probe: 'tracepoint',
  bufferSizeBytes: 65_536,
  maxConnections: 1024,
  filter: filterOf(),
};

/** The same as JavaScript source, for programs without the product's modules, by default with events of any process. */
export function tracerOptionsSource(filter: Partial<Filter> = {}): string {
  const encoded = filterOf({pids: [], ...filter}).toString('base64');
  return `{...${JSON.stringify(TRACER_OPTIONS)}, filter: Buffer.from('${encoded}', 'base64')}`;
}
