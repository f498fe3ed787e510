/** Sums of event fields that not every source can fill. */
import type {ConnectionEvent} from '../model/event.js';
import {canEmit} from '../model/schema/kinds.js';

/** Undefined while unknown, as for events that scans of /proc found. */
export interface Sums {
  fails: number | undefined;
  /** Sum over closed connections, and over live ones if there are updates. */
  txBytes: number | undefined;
  rxBytes: number | undefined;
}

export const NO_SUMS: Readonly<Sums> = {fails: undefined, txBytes: undefined, rxBytes: undefined};

/** Adds a value that may be unknown. */
export function plus(sum: number | undefined, value: number | undefined): number | undefined {
  return value === undefined ? sum : (sum ?? 0) + value;
}

/** Adds an event. Failures are 0, not unknown, once an event came from a source that reports them. */
export function addTo(sums: Sums, event: ConnectionEvent): void {
  if (event.event === 'fail') sums.fails = plus(sums.fails, 1);
  else if (sums.fails === undefined && canEmit(event.source, 'fail')) sums.fails = 0;
  if (event.event !== 'close' && event.event !== 'update') return;
  sums.txBytes = plus(sums.txBytes, event.tx_bytes);
  sums.rxBytes = plus(sums.rxBytes, event.rx_bytes);
}
