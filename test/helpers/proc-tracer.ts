/** Starts `watch --proc`. */
import {Tracer} from './tracer.js';

export const WATCH_PROC = ['watch', '--ndjson', '--proc'];

/** @param args further arguments of `watch --proc` */
export async function startProcTracer(...args: readonly string[]): Promise<Tracer> {
  return Tracer.start(args, {}, WATCH_PROC);
}
