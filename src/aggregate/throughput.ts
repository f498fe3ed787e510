/** Increments of connections since the trace began, from the totals of their updates and closes. */
import type {ConnectionEvent} from '../model/event.js';
import {type Counted, connectionKey, MAX_LIVE, type TotalsEvent, totalsOf, without} from './uncounted.js';

const NOTHING: Counted = {tx: 0, rx: 0, retrans: 0};

const UNKNOWN_TOTALS = {tx_bytes: undefined, rx_bytes: undefined, retrans: undefined};

/**
 * Creates a function that replaces the totals of updates and closes by their increments. The first totals of a
 * preexisting connection are its baseline.
 */
export function createThroughput(): (event: ConnectionEvent) => ConnectionEvent {
  /** Totals so far; undefined for a preexisting connection without a baseline. */
  const live = new Map<string, Counted | undefined>();

  function note(key: string, totals: Counted | undefined): boolean {
    if (!live.has(key) && live.size >= MAX_LIVE) return false;
    live.set(key, totals);
    return true;
  }

  function subtract(event: TotalsEvent, key: string): ConnectionEvent {
    const isBaseline = live.has(key) && live.get(key) === undefined;
    const counted = isBaseline ? totalsOf(event) : live.get(key);
    if (event.event === 'update')
      return note(key, totalsOf(event)) ? without(event, counted) : {...event, ...UNKNOWN_TOTALS};
    live.delete(key);
    // preexisting, and held by no process when the trace began
    if (counted === undefined && event.duration_us === undefined) return {...event, ...UNKNOWN_TOTALS};
    return without(event, counted);
  }

  return (event) => {
    const key = connectionKey(event);
    if (key === undefined || event.event === 'fail') return event;
    if (event.event === 'update' || event.event === 'close') return subtract(event, key);
    note(key, event.event === 'open' ? undefined : NOTHING);
    return event;
  };
}
