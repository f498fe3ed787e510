/** Reports the differences between scans of /proc as events. */
import {formatNow} from '../kernel/clock.js';
import type {
  AcceptEvent,
  CloseEvent,
  ConnectEvent,
  ConnectionEvent,
  OpenEvent,
  TraceEvent,
} from '../model/event.js';
import {createMatcher, type Filter} from '../filter/filter.js';
import type {Changes, Connection} from '../procfs/tcp/connections.js';
import type {Process} from '../procfs/processes.js';
import type {Scanner} from '../procfs/tcp/scanner.js';

/** Number and duration of the scans so far. */
export interface ScanStats {
  readonly scans: number;
  readonly totalMs: number;
  readonly longestMs: number;
}

export interface ProcSource {
  /**
   * Yields the events of each scan that found any. Closes come first, because a new connection may reuse the endpoints.
   * Scans once more after the signal. Throws a TcptraceError if /proc disappears.
   */
  readonly events: AsyncGenerator<readonly TraceEvent[], void, undefined>;
  readonly stats: () => ScanStats;
}

export interface ProcSourceOptions {
  readonly filter: Filter;
  /** Interval between the starts of two scans; a scan that takes longer delays the next to a multiple of it. */
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  /** Called before each scan; the source stops if it returns false. */
  readonly isRead?: (() => boolean) | undefined;
  /** Value of the events' `host` field. */
  readonly host?: string | undefined;
}

function describe(time: string, {pid, comm, uid}: Process, connection: Connection) {
  const {family, laddr, lport, raddr, rport, netns, inode, direction} = connection;
  return {
    time,
    source: 'proc' as const,
    pid,
    comm,
    uid,
    family,
    laddr,
    lport,
    raddr,
    rport,
    netns,
    inode,
    direction,
  };
}

function toOpen(time: string, connection: Connection): OpenEvent {
  return {event: 'open', ...describe(time, connection.holder, connection)};
}

function toConnectOrAccept(time: string, connection: Connection): ConnectEvent | AcceptEvent {
  // if the direction is unknown, a transparent proxy accepted the connection
  const event = connection.direction === 'out' ? 'connect' : 'accept';
  return {event, ...describe(time, connection.holder, connection)};
}

/** @param now time of the scan that no longer found the connection */
function toClose(time: string, now: number, connection: Connection): CloseEvent {
  const {opener, holder, since} = connection;
  const event = {event: 'close', ...describe(time, holder, connection)} as const;
  if (since === undefined) return event;
  const hasOtherOwner = opener.pid !== holder.pid;
  return {
    ...event,
    owner_pid: hasOtherOwner ? opener.pid : undefined,
    owner_comm: hasOtherOwner ? opener.comm : undefined,
    owner_uid: hasOtherOwner ? opener.uid : undefined,
    duration_us: Math.round((now - since) * 1000),
  };
}

/** Resolves after `ms`, or when the signal is aborted. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

/** Scans once, and counts the scan in `stats`. */
function scanTimed(scanner: Scanner, stats: {-readonly [K in keyof ScanStats]: number}): Changes {
  const begin = performance.now();
  const changes = scanner.scan();
  const ms = performance.now() - begin;
  stats.scans += 1;
  stats.totalMs += ms;
  stats.longestMs = Math.max(stats.longestMs, ms);
  return changes;
}

/** Scans once, and creates the stream of later changes. */
export function createProcSource(
  scanner: Scanner,
  {filter, intervalMs, signal, isRead = () => true, host}: ProcSourceOptions,
): ProcSource {
  const stats = {scans: 0, totalMs: 0, longestMs: 0};

  const matches = createMatcher(filter);

  function select(events: readonly ConnectionEvent[]): readonly ConnectionEvent[] {
    const selected = events.filter(matches);
    return host === undefined ? selected : selected.map((event) => ({...event, host}));
  }

  function findChanges(): readonly ConnectionEvent[] {
    const {opened, closed, now} = scanTimed(scanner, stats);
    const time = formatNow();
    return select([
      ...closed.map((connection) => toClose(time, now, connection)),
      ...opened.map((connection) => toConnectOrAccept(time, connection)),
    ]);
  }

  async function* events(first: readonly ConnectionEvent[], begin: number) {
    if (first.length > 0) yield first;
    for (let isLast = false; !isLast;) {
      const elapsed = performance.now() - begin;
      await sleep(intervalMs - (elapsed % intervalMs), signal);
      if (!isRead()) return;
      isLast = signal.aborted;
      const changes = findChanges();
      if (changes.length > 0) yield changes;
    }
  }

  const begin = performance.now();
  const {opened} = scanTimed(scanner, stats);
  const time = formatNow();
  const first = select(opened.map((connection) => toOpen(time, connection)));
  return {events: events(first, begin), stats: () => ({...stats})};
}
