/** The values that metrics must have, computed from the events of the same trace. */
import type {TraceEvent} from './tracer.js';

/** Values of metrics without histograms' buckets, by name, for one process. */
export type Sums = Readonly<Record<string, number>>;

function add(sums: Record<string, number>, name: string, value: unknown): void {
  if (typeof value === 'number' && value !== 0) sums[name] = (sums[name] ?? 0) + value;
}

/** @param cause unknown if it is absent or empty */
function keyOf(name: string, cause: unknown): string {
  return typeof cause === 'string' && cause !== '' ? `${name} ${cause}` : name;
}

/** Adds a duration in microseconds to a histogram. */
function observe(sums: Record<string, number>, name: string, us: unknown): void {
  if (typeof us !== 'number') return;
  add(sums, `${name}_count`, 1);
  // as microseconds, because sums of seconds differ in the last digit
  add(sums, `${name}_sum`, us);
}

/** Sums the events of a process whose connections began in the trace and have all ended. */
export function sumEvents(events: readonly TraceEvent[]): Sums {
  const sums: Record<string, number> = {};
  for (const event of events) {
    add(sums, 'tcptrace_syn_retransmits_total', event.syn_retrans);
    if (event.event === 'connect' || event.event === 'accept') add(sums, 'tcptrace_connections_total', 1);
    if (event.event === 'connect') observe(sums, 'tcptrace_connect_latency_seconds', event.latency_us);
    if (event.event === 'accept') observe(sums, 'tcptrace_accept_delay_seconds', event.accept_delay_us);
    if (event.event === 'fail') add(sums, keyOf('tcptrace_connection_failures_total', event.error), 1);
    if (event.event !== 'close') continue;
    add(sums, keyOf('tcptrace_connections_closed_total', event.ended_by), 1);
    add(sums, 'tcptrace_transmit_bytes_total', event.tx_bytes);
    add(sums, 'tcptrace_receive_bytes_total', event.rx_bytes);
    add(sums, 'tcptrace_retransmits_total', event.retrans);
    observe(sums, 'tcptrace_connection_duration_seconds', event.duration_us);
  }
  return sums;
}

/** One series with its value, of any origin. */
export interface Value {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Sums the series of a process as sumEvents() does its events. */
export function sumSeries(series: readonly Value[], comm: string): Sums {
  const sums: Record<string, number> = {};
  for (const {name, labels, value} of series) {
    if (labels.comm !== comm || name.endsWith('_bucket') || name === 'tcptrace_open_connections') continue;
    const key = keyOf(name, labels.error ?? labels.ended_by);
    add(sums, key, name.endsWith('_sum') ? Math.round(value * 1e6) : value);
  }
  return sums;
}
