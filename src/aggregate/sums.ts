/** What events come to that not every way of looking can tell. */
import type {ConnectionEvent} from '../model/event.js';

/** Undefined as long as nothing is known, as of what scans of /proc see. */
export interface Sums {
  fails: number | undefined;
  /** Of connections that have ended. */
  txBytes: number | undefined;
  rxBytes: number | undefined;
}

export const NO_SUMS: Readonly<Sums> = {fails: undefined, txBytes: undefined, rxBytes: undefined};

function plus(sum: number | undefined, value: number | undefined): number | undefined {
  return value === undefined ? sum : (sum ?? 0) + value;
}

export function addTo(sums: Sums, event: ConnectionEvent): void {
  // who would have seen one that failed knows that there was none
  if (event.source !== 'proc') sums.fails = plus(sums.fails, event.event === 'fail' ? 1 : 0);
  if (event.event !== 'close') return;
  sums.txBytes = plus(sums.txBytes, event.tx_bytes);
  sums.rxBytes = plus(sums.rxBytes, event.rx_bytes);
}
