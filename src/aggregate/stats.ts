/** Sums of a whole trace, for each process and each remote endpoint. */
import type {ConnectionEvent, TraceEvent} from '../model/event.js';
import {OTHERS, rowOf} from './rows.js';
import {asOwner, processKey, processOf, remoteKey, remoteOf, type Subject} from './subject.js';
import {createUncounted} from './uncounted.js';
import {addTo, NO_SUMS, plus, type Sums} from './sums.js';

/** Counts of events of one process or remote endpoint. */
export interface StatsRow extends Sums {
  readonly subject: Subject;
  connects: number;
  accepts: number;
  closes: number;
  /** Retransmissions of SYN and SYN-ACK; undefined while unknown. */
  synRetrans: number | undefined;
  /** The longest delay of accept(), in microseconds; undefined while unknown. */
  acceptDelayUs: number | undefined;
}

export interface StatsRows {
  readonly processes: readonly Readonly<StatsRow>[];
  readonly remotes: readonly Readonly<StatsRow>[];
}

/** Bytes of all rows; undefined while unknown. */
export type MovedBytes = Pick<Sums, 'txBytes' | 'rxBytes'>;

export interface Stats {
  readonly add: (event: TraceEvent) => void;
  readonly bytes: () => MovedBytes;
  /** Returns all rows, those with most events first. */
  readonly rows: () => StatsRows;
}

function createRow(subject: Subject): StatsRow {
  const counts = {connects: 0, accepts: 0, closes: 0, synRetrans: undefined, acceptDelayUs: undefined};
  return {subject, ...counts, ...NO_SUMS};
}

function longest(known: number | undefined, us: number | undefined): number | undefined {
  return us === undefined || (known !== undefined && known >= us) ? known : us;
}

function count(row: StatsRow, event: ConnectionEvent): void {
  if (event.event === 'connect') row.connects += 1;
  if (event.event === 'accept') row.accepts += 1;
  if (event.event === 'close') row.closes += 1;
  if ('syn_retrans' in event) row.synRetrans = plus(row.synRetrans, event.syn_retrans);
  if (event.event === 'accept') row.acceptDelayUs = longest(row.acceptDelayUs, event.accept_delay_us);
  addTo(row, event);
}

function eventsOf({connects, accepts, fails = 0, closes}: StatsRow): number {
  return connects + accepts + fails + closes;
}

function sort(rows: ReadonlyMap<string, StatsRow>): readonly StatsRow[] {
  return [...rows.values()].sort((a, b) => eventsOf(b) - eventsOf(a));
}

export function createStats(): Stats {
  const processes = new Map<string, StatsRow>();
  const remotes = new Map<string, StatsRow>();
  const uncounted = createUncounted();
  // the subject of the first event stays, so a later exec does not rename a row
  const creator = (subjectOf: (event: ConnectionEvent) => Subject, event: ConnectionEvent) => (key: string) =>
    createRow(key === OTHERS ? {kind: 'others'} : subjectOf(event));
  return {
    add(given) {
      if (given.event === 'lost' || given.event === 'open') return;
      const event = uncounted(given);
      const own = asOwner(event);
      count(rowOf(processes, processKey(own), creator(processOf, own)), own);
      count(rowOf(remotes, remoteKey(event), creator(remoteOf, event)), event);
    },
    bytes() {
      const bytes: MovedBytes = {txBytes: undefined, rxBytes: undefined};
      for (const {txBytes, rxBytes} of processes.values()) {
        bytes.txBytes = plus(bytes.txBytes, txBytes);
        bytes.rxBytes = plus(bytes.rxBytes, rxBytes);
      }
      return bytes;
    },
    rows: () => ({processes: sort(processes), remotes: sort(remotes)}),
  };
}
