/** Names for the rows of `tcptrace top`, found out while the screen goes on. */
import {isOwn} from '../../enrich/enrich.js';
import {createNamer, type NameLookups} from '../../enrich/namer.js';
import {isIncoming, type ConnectionEvent, type Names, type TraceEvent} from '../../model/event.js';
import type {Activity, Grouping} from '../../aggregate/activity.js';

export interface RowNames {
  /** Whether an event is to be counted: asking for names may make connections of our own. */
  readonly counts: (event: TraceEvent) => boolean;
  /** Of a process that is new. */
  readonly ofProcess?: (first: ConnectionEvent) => Names;
  /** The same rows, with what is known by now. */
  readonly complete: (rows: readonly Activity[], grouping: Grouping) => readonly Activity[];
  /** Asks for what is not known of these rows, and waits so many milliseconds at most. */
  readonly settle: (rows: readonly Activity[], budgetMs: number) => Promise<void>;
  readonly close: () => void;
}

const NOTHING: RowNames = {
  counts: () => true,
  complete: (rows) => rows,
  settle: () => Promise.resolve(),
  close: () => undefined,
};

/** Its daemon may have answered since the process was new. */
function isUnnamed({container, container_name}: Names): boolean {
  return container !== undefined && container_name === undefined;
}

export function createRowNames(wanted: NameLookups | undefined): RowNames {
  if (wanted === undefined) return NOTHING;
  const namer = createNamer(wanted);

  /** The port of who connects to us says nothing, and the ports they connect to may be many. */
  function ofRemote(first: ConnectionEvent): Names {
    const {raddr_name, service} = namer.ofEnds(first);
    return isIncoming(first) ? {raddr_name} : {raddr_name, service};
  }

  function complete(row: Activity, grouping: Grouping): Activity {
    const {first, names = {}} = row;
    if (first === undefined) return row;
    if (grouping === 'remote') return {...row, names: ofRemote(first)};
    return wanted?.containerNames === true && isUnnamed(names)
      ? {...row, names: namer.ofProcess(first)}
      : row;
  }

  return {
    counts: (event) => !wanted.hosts || !isOwn(event),
    ofProcess: namer.ofProcess,
    complete: (rows, grouping) => rows.map((row) => complete(row, grouping)),
    settle: (rows, budgetMs) =>
      namer.settle(
        rows.flatMap(({first}) => first ?? []),
        budgetMs,
      ),
    close: namer.close,
  };
}
