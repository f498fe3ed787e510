/** Activity of processes and of remote endpoints, interval by interval, in bounded memory. */
import type {ConnectionEvent, Names, TraceEvent} from '../model/event.js';
import {MAX_ROWS, OTHERS, rowOf} from './rows.js';
import {asOwner, processKey, processOf, remoteKey, remoteOf, type Subject} from './subject.js';
import {addTo, NO_SUMS, type Sums} from './sums.js';

export const GROUPINGS = ['process', 'remote'] as const;

export type Grouping = (typeof GROUPINGS)[number];

/** Activity of one process or remote endpoint. */
export interface Activity extends Readonly<Sums> {
  readonly subject: Subject;
  /** Its first event; undefined for {@link OTHERS}. */
  readonly first?: ConnectionEvent | undefined;
  /** Names that were looked up. */
  readonly names?: Names | undefined;
  /** Connections opened and accepted in each interval, oldest first; an average where intervals passed unobserved. */
  readonly history: readonly number[];
  /** Connections opened and accepted since the first event. */
  readonly total: number;
  readonly open: number;
  /** Moving average of the round-trip times of closed connections; undefined if none is known. */
  readonly rttUs: number | undefined;
}

type NamesOf = (first: ConnectionEvent) => Names;

export interface ActivityMeter {
  readonly add: (event: TraceEvent) => void;
  /** Returns true if an event was added since the last tick. */
  readonly hasNews: () => boolean;
  /** Completes an interval, a part of one (below 1), or several that passed unobserved. */
  readonly tick: (intervals?: number) => void;
  /** Returns copies of the rows, in no order. */
  readonly rows: (grouping: Grouping) => readonly Activity[];
  readonly lost: () => number;
}

export const HISTORY_LENGTH = 10;
/** A row with only failures expires after this many intervals without an event, because its pid may be reused. */
const MAX_QUIET_INTERVALS = 60;
/** Share of a new sample in the moving average. */
const RTT_WEIGHT = 0.2;

type MutableActivity = {-readonly [Key in keyof Activity]: Activity[Key]} & {
  history: number[];
  fresh: number;
  /** True if an event was added since the last tick. */
  hasNews: boolean;
  /** Intervals without an event, before the current one. */
  quietIntervals: number;
};

function createRow(of: Pick<Activity, 'subject' | 'first' | 'names'>): MutableActivity {
  const history = new Array<number>(HISTORY_LENGTH).fill(0);
  const counts = {total: 0, open: 0, ...NO_SUMS, rttUs: undefined};
  return {...of, ...counts, history, fresh: 0, hasNews: false, quietIntervals: 0};
}

function count(row: MutableActivity, event: ConnectionEvent): void {
  row.hasNews = true;
  addTo(row, event);
  switch (event.event) {
    case 'connect':
    case 'accept':
      row.fresh += 1;
      row.total += 1;
      row.open += 1;
      break;
    case 'open':
      row.open += 1;
      break;
    case 'fail':
      break;
    case 'close':
      // the connection may be preexisting
      row.open = Math.max(0, row.open - 1);
      if (event.rtt_us !== undefined)
        row.rttUs = (row.rttUs ?? event.rtt_us) * (1 - RTT_WEIGHT) + event.rtt_us * RTT_WEIGHT;
  }
}

/** Completes intervals. */
function pass(row: MutableActivity, intervals: number): void {
  const latest = Math.min(Math.ceil(intervals), HISTORY_LENGTH);
  row.history.splice(0, latest);
  row.history.push(...new Array<number>(latest).fill(row.fresh / intervals));
  row.fresh = 0;
  row.quietIntervals = row.hasNews ? 0 : row.quietIntervals + intervals;
  row.hasNews = false;
}

/** Returns true if a row is idle. Rows with failures stay longer while memory allows. */
function isExpired({open, history, fails = 0, quietIntervals}: MutableActivity, hasMemory: boolean): boolean {
  const isIdle = open === 0 && history.every((value) => value === 0);
  return isIdle && (fails === 0 || quietIntervals >= MAX_QUIET_INTERVALS || !hasMemory);
}

/** @param namesOf looks up names for a new row */
function createGroup(subjectOf: (event: ConnectionEvent) => Subject, namesOf?: NamesOf) {
  const rows = new Map<string, MutableActivity>();
  return {
    rows,
    add(key: string, event: ConnectionEvent): void {
      const create = (created: string): MutableActivity =>
        created === OTHERS
          ? createRow({subject: {kind: 'others'}})
          : createRow({subject: subjectOf(event), first: event, names: namesOf?.(event)});
      count(rowOf(rows, key, create), event);
    },
    tick(intervals: number): void {
      for (const [key, row] of rows) {
        pass(row, intervals);
        if (isExpired(row, rows.size <= MAX_ROWS / 2)) rows.delete(key);
      }
    },
  };
}

/** @param namesOf looks up names for each new process at once, because the process may exit soon */
export function createActivityMeter(namesOf?: NamesOf): ActivityMeter {
  const groups = {
    process: createGroup(processOf, namesOf),
    remote: createGroup(remoteOf),
  };
  let lost = 0;
  let hasNews = false;
  return {
    hasNews: () => hasNews,
    add(event) {
      hasNews = true;
      if (event.event === 'lost') {
        lost += event.count;
        return;
      }
      const own = asOwner(event);
      groups.process.add(processKey(own), own);
      groups.remote.add(remoteKey(event), event);
    },
    tick(intervals = 1) {
      hasNews = false;
      for (const grouping of GROUPINGS) groups[grouping].tick(intervals);
    },
    rows: (grouping) =>
      Array.from(groups[grouping].rows.values(), (row) => ({...row, history: [...row.history]})),
    lost: () => lost,
  };
}
