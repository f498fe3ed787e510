/** Who is busy now: connections of processes and of remote ends, interval by interval. Bounded. */
import type {ConnectionEvent, Names, TraceEvent} from '../model/event.js';
import {formatRemote} from '../format/cells.js';
import {asOwner, nameProcess, processKey} from './processes.js';
import {MAX_ROWS, OTHERS, rowOf} from '../format/rows.js';
import {addTo, NO_SUMS, type Sums} from './sums.js';

export const GROUPINGS = ['process', 'remote'] as const;

export type Grouping = (typeof GROUPINGS)[number];

/** What one process, or one remote end, has done. */
export interface Activity extends Readonly<Sums> {
  readonly name: string;
  /** The first event of it; of all {@link OTHERS} there is none. */
  readonly first?: ConnectionEvent | undefined;
  /** What was looked up. */
  readonly names?: Names | undefined;
  /** Connections made and accepted, in each of the last intervals, or of several on average; the last one is the latest. */
  readonly history: readonly number[];
  /** Connections made and accepted since the beginning. */
  readonly total: number;
  readonly open: number;
  /** Of connections that have ended, later ones counting more; undefined where none was measured. */
  readonly rttUs: number | undefined;
}

type NamesOf = (first: ConnectionEvent) => Names;

export interface ActivityMeter {
  readonly add: (event: TraceEvent) => void;
  /** Whether anything was counted since the last tick. */
  readonly hasNews: () => boolean;
  /** Ends an interval, a part of one, or several of which nobody knows what happened in which. */
  readonly tick: (intervals?: number) => void;
  /** How things stand, in no order; they do not change any more. */
  readonly rows: (grouping: Grouping) => readonly Activity[];
  readonly lost: () => number;
}

export const HISTORY_LENGTH = 10;
/** After so many without an event, who only failed is forgotten: by then its process id may be another's. */
const MAX_QUIET_INTERVALS = 60;
const PID_WIDTH = 7;
/** Share of a new sample. */
const RTT_WEIGHT = 0.2;

type MutableActivity = {-readonly [Key in keyof Activity]: Activity[Key]} & {
  history: number[];
  fresh: number;
  /** Whether there was an event since the last tick, and how many intervals there was none before. */
  hasNews: boolean;
  quietIntervals: number;
};

function createRow(of: Pick<Activity, 'name' | 'first' | 'names'>): MutableActivity {
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
      // it may be older than what is known of it
      row.open = Math.max(0, row.open - 1);
      if (event.rtt_us !== undefined)
        row.rttUs = (row.rttUs ?? event.rtt_us) * (1 - RTT_WEIGHT) + event.rtt_us * RTT_WEIGHT;
  }
}

/** Ends so many intervals. */
function pass(row: MutableActivity, intervals: number): void {
  const latest = Math.min(Math.ceil(intervals), HISTORY_LENGTH);
  row.history.splice(0, latest);
  row.history.push(...new Array<number>(latest).fill(row.fresh / intervals));
  row.fresh = 0;
  row.quietIntervals = row.hasNews ? 0 : row.quietIntervals + intervals;
  row.hasNews = false;
}

/** Who failed stays longer, as long as there is room. */
function isOver({open, history, fails = 0, quietIntervals}: MutableActivity, hasRoom: boolean): boolean {
  const isIdle = open === 0 && history.every((value) => value === 0);
  return isIdle && (fails === 0 || quietIntervals >= MAX_QUIET_INTERVALS || !hasRoom);
}

/** @param namesOf looks up names for a row that is new */
function createGroup(nameOf: (event: ConnectionEvent) => string, namesOf?: NamesOf) {
  const rows = new Map<string, MutableActivity>();
  return {
    rows,
    add(key: string, event: ConnectionEvent): void {
      const create = (place: string): MutableActivity =>
        place === OTHERS
          ? createRow({name: OTHERS})
          : createRow({name: nameOf(event), first: event, names: namesOf?.(event)});
      count(rowOf(rows, key, create), event);
    },
    tick(intervals: number): void {
      for (const [key, row] of rows) {
        pass(row, intervals);
        if (isOver(row, rows.size <= MAX_ROWS / 2)) rows.delete(key);
      }
    },
  };
}

/** @param namesOf looks up names for each process that is new, since it may be gone soon */
export function createActivityMeter(namesOf?: NamesOf): ActivityMeter {
  const groups = {
    process: createGroup((event) => nameProcess(event, PID_WIDTH), namesOf),
    remote: createGroup(formatRemote),
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
      groups.remote.add(formatRemote(event), event);
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
