/** A tracer that scans /proc. */
import {Tracer} from './tracer.js';

/** @param args further arguments of `watch --proc` */
export async function startProcTracer(...args: readonly string[]): Promise<Tracer> {
  return Tracer.start(args, {}, ['watch', '--ndjson', '--proc']);
}
