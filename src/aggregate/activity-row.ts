/** The row of `top` for one process, connection and so on: counts, and what happened in the last intervals. */
import type {ConnectionEvent, FailEvent, Names} from '../model/event.js';
import type {Subject} from './subject.js';
import {addTo, NO_SUMS, plus, type Sums} from './sums.js';

/** Counts of one interval. */
export interface Amounts extends Sums {
  /** Connections opened and accepted. */
  opened: number;
  retrans: number | undefined;
  /** A connection reported without totals, as MPTCP on old kernels. */
  lacksTotals: boolean;
}

/** Activity of one process, connection, remote endpoint and so on. */
export interface Activity extends Readonly<Sums> {
  readonly subject: Subject;
  /** Its first event; undefined for all others together. */
  readonly first?: ConnectionEvent | undefined;
  /** Names that were looked up. */
  readonly names?: Names | undefined;
  /** Last event of a connection that names the process at the other endpoint. */
  readonly withPeer?: Exclude<ConnectionEvent, FailEvent> | undefined;
  /** Connections opened and accepted in each interval, oldest first; an average where intervals passed unobserved. */
  readonly history: readonly number[];
  /** Bytes per second, sent and received, in each interval; likewise. */
  readonly rates: readonly number[];
  /** The last interval. */
  readonly last: Readonly<Amounts>;
  /** Its length. */
  readonly seconds: number;
  /** Connections opened and accepted since the first event. */
  readonly total: number;
  readonly open: number;
  /** Mean of the round-trip times of the last interval that has any. */
  readonly rttUs: number | undefined;
}

export const HISTORY_LENGTH = 10;

const NO_AMOUNTS: Readonly<Amounts> = {...NO_SUMS, opened: 0, retrans: undefined, lacksTotals: false};

interface Working {
  /** The current interval. */
  fresh: Amounts & {rttSumUs: number; rtts: number};
  /** True if an event was added since the last tick. */
  hasNews: boolean;
  /** Intervals without an event, before the current one. */
  quietIntervals: number;
}

export type MutableActivity = {-readonly [Key in keyof Activity]: Activity[Key]} & Working;

const ZEROS: readonly number[] = new Array<number>(HISTORY_LENGTH).fill(0);

const createFresh = (): MutableActivity['fresh'] => ({...NO_AMOUNTS, rttSumUs: 0, rtts: 0});

export function createRow(of: Pick<Activity, 'subject' | 'first' | 'names'>): MutableActivity {
  return {
    ...of,
    withPeer: undefined,
    ...NO_SUMS,
    total: 0,
    open: 0,
    rttUs: undefined,
    history: ZEROS,
    rates: ZEROS,
    last: NO_AMOUNTS,
    seconds: 0,
    fresh: createFresh(),
    hasNews: false,
    quietIntervals: 0,
  };
}

function addNumbers({fresh}: MutableActivity, event: ConnectionEvent): void {
  if (event.event !== 'close' && event.event !== 'update') return;
  if (event.tx_bytes === undefined) fresh.lacksTotals = true;
  fresh.retrans = plus(fresh.retrans, event.retrans);
  if (event.rtt_us === undefined) return;
  fresh.rttSumUs += event.rtt_us;
  fresh.rtts += 1;
}

function notePeer(row: MutableActivity, event: ConnectionEvent): void {
  if (row.subject.kind !== 'connection' || event.event === 'fail') return;
  if (event.peer_pid !== undefined) row.withPeer = event;
}

/** Adds an event whose totals are increments. */
export function count(row: MutableActivity, event: ConnectionEvent): void {
  row.hasNews = true;
  addTo(row, event);
  addTo(row.fresh, event);
  addNumbers(row, event);
  notePeer(row, event);
  switch (event.event) {
    case 'connect':
    case 'accept':
      row.fresh.opened += 1;
      row.total += 1;
      row.open += 1;
      break;
    case 'open':
      row.open += 1;
      break;
    case 'close':
      // the connection may be preexisting
      row.open = Math.max(0, row.open - 1);
      break;
    case 'fail':
    case 'update':
  }
}

/** Returns a new array, so that copies of rows can share the old one. */
function shift(history: readonly number[], passed: number, value: number): readonly number[] {
  return [...history.slice(passed), ...new Array<number>(passed).fill(value)];
}

/** Completes intervals that took so many seconds together. */
export function complete(row: MutableActivity, intervals: number, seconds: number): void {
  row.seconds = seconds;
  // most connections are idle
  if (!row.hasNews && row.quietIntervals >= HISTORY_LENGTH) {
    row.quietIntervals += intervals;
    return;
  }
  const {rttSumUs, rtts, ...amounts} = row.fresh;
  const passed = Math.min(Math.ceil(intervals), HISTORY_LENGTH);
  row.history = shift(row.history, passed, amounts.opened / intervals);
  row.rates = shift(row.rates, passed, ((amounts.txBytes ?? 0) + (amounts.rxBytes ?? 0)) / seconds);
  if (rtts > 0) row.rttUs = rttSumUs / rtts;
  row.last = amounts;
  row.fresh = createFresh();
  row.quietIntervals = row.hasNews ? 0 : row.quietIntervals + intervals;
  row.hasNews = false;
}

/** Returns a copy without the working data. */
export function copy(row: MutableActivity): Activity {
  const {subject, first, names, withPeer, history, rates, fails, txBytes, rxBytes} = row;
  const {last, seconds, total, open, rttUs} = row;
  const known = {subject, first, names, withPeer, history, rates, fails, txBytes, rxBytes};
  return {...known, last, seconds, total, open, rttUs};
}

/** Returns an amount of the last interval. Without an event, it is 0, not unknown. */
export function latest({last}: Activity, key: 'txBytes' | 'rxBytes' | 'retrans'): number | undefined {
  return last[key] ?? (last.lacksTotals ? undefined : 0);
}

/** Returns an amount per second of the last interval. */
export function perSecond(row: Activity, key: 'txBytes' | 'rxBytes' | 'retrans'): number | undefined {
  const amount = latest(row, key);
  return amount === undefined || row.seconds === 0 ? amount : amount / row.seconds;
}
