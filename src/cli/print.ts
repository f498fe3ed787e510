/** Events to rows or lines of JSON. */
import type {TraceEvent} from '../model/event.js';
import type {Output} from '../sinks/output.js';
import type {Tally} from '../sinks/summary.js';
import {type ColorChoice, type MaybeTerminal, resolveColorLevel} from '../terminal/color.js';

/** What the output looks like. */
export interface Form {
  readonly ndjson: boolean;
  readonly color: ColorChoice;
}

type Format = (event: TraceEvent) => string;

/** Loads only what is used; by then the probes are attached, so nothing is missed meanwhile. */
export async function loadFormat({ndjson, color}: Form, stdout: MaybeTerminal): Promise<Format> {
  if (ndjson) return (await import('../sinks/ndjson.js')).formatNdjson;
  const [{createTable}, {createPaint}] = await Promise.all([
    import('../sinks/table.js'),
    import('../terminal/paint.js'),
  ]);
  return createTable(createPaint(resolveColorLevel(color, process.env, stdout)));
}

/**
 * Prints events until they end, nothing can be written any more, or `count` of them are out.
 *
 * @returns true where they ended by themselves
 */
export async function printEvents(
  events: AsyncIterable<readonly TraceEvent[]>,
  format: Format,
  output: Output,
  tally: Tally,
  count = Infinity,
): Promise<boolean> {
  let left = count;
  for await (const batch of events) {
    for (const event of batch) {
      if (event.event !== 'lost' && left-- <= 0) continue;
      output.add(format(event));
      tally.add(event);
    }
    await output.flush();
    if (left <= 0 || output.closed.aborted) return false;
  }
  return true;
}
