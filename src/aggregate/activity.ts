/** Activity of processes, connections, remote endpoints and so on, interval by interval, in bounded memory. */
import type {ConnectionEvent, Names, TraceEvent} from '../model/event.js';
import {type Activity, complete, copy, count, createRow, type MutableActivity} from './activity-row.js';
import {MAX_ROWS, OTHERS, rowOf} from './rows.js';
import {
  asOwner,
  connectionOf,
  type ContainerSubject,
  endpointKey,
  localPortOf,
  podKey,
  type PodSubject,
  processKey,
  processOf,
  programOf,
  remoteKey,
  remoteOf,
  type Subject,
  type UserSubject,
} from './subject.js';
import {createThroughput} from './throughput.js';

export const GROUPINGS = [
  'process',
  'program',
  'connection',
  'remote',
  'lport',
  'user',
  'container',
  'pod',
] as const;

export type Grouping = (typeof GROUPINGS)[number];

export interface MeterOptions {
  /** Looks up names for each new process at once, because the process may exit soon. */
  readonly namesOf?: ((first: ConnectionEvent) => Names) | undefined;
  /** Looks up the container of an event. By default, there are none. */
  readonly containerOf?: ((event: ConnectionEvent) => ContainerSubject) | undefined;
  /** Looks up the user of an event. By default, users have no names. */
  readonly userOf?: ((event: ConnectionEvent) => UserSubject) | undefined;
  /** The groupings that rows() is called with; all by default. */
  readonly groupings?: readonly Grouping[] | undefined;
}

export interface ActivityMeter {
  readonly add: (event: TraceEvent) => void;
  /** Returns true if an event was added since the last tick. */
  readonly hasNews: () => boolean;
  /**
   * Completes an interval, a part of one (below 1), or several that passed unobserved.
   *
   * @param seconds that they took, for rates
   */
  readonly tick: (intervals?: number, seconds?: number) => void;
  /** Returns the seconds of the last tick. */
  readonly seconds: () => number;
  /** Returns copies of the rows, in no order. */
  readonly rows: (grouping: Grouping) => readonly Activity[];
  readonly lost: () => number;
}

/** A row with only failures expires after this many intervals without an event, because its pid may be reused. */
const MAX_QUIET_INTERVALS = 60;

type IsExpired = (row: MutableActivity, hasMemory: boolean) => boolean;

/** Returns true if a row is idle. Rows with failures stay longer while memory allows. */
const isIdle: IsExpired = ({open, history, rates, fails = 0, quietIntervals}, hasMemory) =>
  open === 0 &&
  [...history, ...rates].every((value) => value === 0) &&
  (fails === 0 || quietIntervals >= MAX_QUIET_INTERVALS || !hasMemory);

/** Returns true if a connection was closed, or failed, before the last interval. */
const wasClosed: IsExpired = ({open, quietIntervals}) => open === 0 && quietIntervals > 0;

interface Group {
  /** @param event is of the process that opened the connection, whichever process closed it */
  readonly add: (event: ConnectionEvent) => void;
  readonly tick: (intervals: number, seconds: number) => void;
  readonly rows: () => readonly Activity[];
}

interface GroupOptions {
  readonly namesOf?: MeterOptions['namesOf'];
  readonly isExpired?: IsExpired;
}

function createGroup(
  keyOf: (event: ConnectionEvent) => string,
  subjectOf: (event: ConnectionEvent) => Subject,
  {namesOf, isExpired = isIdle}: GroupOptions = {},
): Group {
  const rows = new Map<string, MutableActivity>();
  return {
    add(event) {
      const create = (created: string): MutableActivity =>
        created === OTHERS
          ? createRow({subject: {kind: 'others'}})
          : createRow({subject: subjectOf(event), first: event, names: namesOf?.(event)});
      count(rowOf(rows, keyOf(event), create), event);
    },
    tick(intervals, seconds) {
      for (const [key, row] of rows) {
        complete(row, intervals, seconds);
        if (isExpired(row, rows.size <= MAX_ROWS / 2)) rows.delete(key);
      }
    },
    rows: () => Array.from(rows.values(), copy),
  };
}

const NO_CONTAINER: ContainerSubject = {
  kind: 'container',
  container: undefined,
  container_name: undefined,
  pod: undefined,
  pod_namespace: undefined,
};

function createGroups({
  namesOf,
  containerOf = () => NO_CONTAINER,
  userOf = ({uid}) => ({kind: 'user', uid, user: undefined}),
}: MeterOptions): Record<Grouping, Group> {
  const podOf = (event: ConnectionEvent): PodSubject => {
    const {pod, pod_namespace} = containerOf(event);
    return {kind: 'pod', pod, pod_namespace};
  };
  return {
    process: createGroup(processKey, processOf, {namesOf}),
    program: createGroup(({comm}) => `program ${String(comm)}`, programOf),
    connection: createGroup(endpointKey, connectionOf, {isExpired: wasClosed}),
    remote: createGroup(remoteKey, remoteOf),
    lport: createGroup((event) => `port ${String(localPortOf(event).port)}`, localPortOf),
    user: createGroup(({uid}) => `user ${String(uid)}`, userOf),
    container: createGroup((event) => `container ${String(containerOf(event).container)}`, containerOf),
    pod: createGroup((event) => podKey(podOf(event)), podOf),
  };
}

export function createActivityMeter(options: MeterOptions = {}): ActivityMeter {
  const groups = createGroups(options);
  const used = (options.groupings ?? GROUPINGS).map((grouping) => groups[grouping]);
  const toIncrements = createThroughput();
  let lost = 0;
  let hasNews = false;
  let lastSeconds = 0;
  return {
    hasNews: () => hasNews,
    add(event) {
      hasNews = true;
      if (event.event === 'lost') {
        lost += event.count;
        return;
      }
      const own = asOwner(toIncrements(event));
      for (const {add} of used) add(own);
    },
    tick(intervals = 1, seconds = intervals) {
      hasNews = false;
      lastSeconds = seconds;
      for (const {tick} of used) tick(intervals, seconds);
    },
    seconds: () => lastSeconds,
    rows: (grouping) => groups[grouping].rows(),
    lost: () => lost,
  };
}
