/** Formats events as one JSON array, with a line for each. */
import type {TraceEvent} from '../model/event.js';
import type {Formatter} from './formatter.js';

/** @param formatLine formats an event as a line of NDJSON */
export function createJsonArray(formatLine: (event: TraceEvent) => string): Formatter {
  let start = '[';
  return {
    format(event) {
      const line = start + formatLine(event);
      start = ',';
      return line;
    },
    foot: () => (start === '[' ? '[]\n' : ']\n'),
  };
}
