/** Collects the events of one source and joins those of the same connection to a life. */
import type {CloseEvent, ConnectionEvent, Source, TraceEvent} from '../model/event.js';
import type {FlowEndpoints, FlowEvent} from '../model/flow.js';
import {parseTimeUs} from '../model/units/time.js';

/** Both endpoints; the local one may be unknown. */
type Endpoints = Pick<ConnectionEvent, keyof FlowEndpoints>;

/** The life of one socket's connection, or of a flow of packets. Times are microseconds since the epoch. */
export interface Life extends Endpoints {
  /** Endpoints as the acceptor has them; only for flows. */
  readonly far: FlowEndpoints | undefined;
  readonly inode: number | undefined;
  readonly netns: number | undefined;
  readonly pid: number | undefined;
  readonly comm: string | undefined;
  /** Undefined for a preexisting connection. */
  readonly beganUs: number | undefined;
  /** Time at which the source reported its begin. */
  readonly detectedUs: number | undefined;
  endedUs: number | undefined;
}

export interface Ledger {
  /**
   * Adds an event.
   *
   * @param detectedUs when the source reported it, in microseconds since the epoch; undefined if unknown
   */
  add(event: TraceEvent | FlowEvent, detectedUs: number | undefined): void;
  /** By key. A key has several lives if a socket connected to the same peer again. */
  readonly lives: ReadonlyMap<string, readonly Life[]>;
  /** Sources of its events. */
  readonly sources: ReadonlySet<Source>;
  /** Numbers of lost events and of failed connections. */
  readonly counts: {readonly lost: number; readonly fails: number};
  /** Returns true if there are too many lives to compare in reasonable memory and time. */
  readonly isFull: () => boolean;
  /** Times of the first and the last event. */
  readonly span: {readonly firstUs: number; readonly lastUs: number};
}

/** Limit of lives, which bounds memory: comparing two recordings of this size takes about 1.5 GB. */
const MAX_LIVES = 1_000_000;

/** Limit of lives with one key, which are compared pairwise. */
export const MAX_ALIKE = 1000;

/** Returns a key of both endpoints, which is the same for both sockets. */
export function flowKey({laddr = '', lport = 0, raddr, rport}: Endpoints): string {
  const [a, b] = [`${laddr} ${String(lport)}`, `${raddr} ${String(rport)}`];
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/** Returns a key of the socket; an inode number is unique on the host. */
function socketKey(event: ConnectionEvent): string {
  const endpoints = flowKey(event);
  return event.inode === undefined ? endpoints : `${String(event.inode)} ${endpoints}`;
}

function begin(event: FlowEvent, beganUs: number | undefined, detectedUs: number | undefined): Life {
  const {laddr, lport, raddr, rport, far, inode, netns, pid, comm} = event;
  return {laddr, lport, raddr, rport, far, inode, netns, pid, comm, beganUs, detectedUs, endedUs: undefined};
}

/** Lives by key, from the events that begin and end them. */
interface LifeTable {
  readonly byKey: ReadonlyMap<string, readonly Life[]>;
  readonly isFull: Ledger['isFull'];
  /** Adds a life. Its begin is undefined if unknown. */
  open(event: FlowEvent, beganUs: number | undefined, detectedUs: number | undefined): void;
  /** Ends the life of the socket; adds one if none is open. */
  close(event: CloseEvent, timeUs: number): void;
}

function createLifeTable(): LifeTable {
  const byKey = new Map<string, Life[]>();
  let [total, mostAlike] = [0, 0];

  function open(event: FlowEvent, beganUs: number | undefined, detectedUs: number | undefined): Life {
    const life = begin(event, beganUs, detectedUs);
    const key = socketKey(event);
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [life]);
    else mostAlike = Math.max(mostAlike, known.push(life));
    total += 1;
    return life;
  }

  /** Begins a life at its close event, which has the duration and the owner, if its begin was lost or excluded. */
  function openAtEnd(event: CloseEvent, timeUs: number): Life {
    const {duration_us: duration, owner_pid: pid = event.pid, owner_comm: comm = event.comm} = event;
    return open({...event, pid, comm}, duration === undefined ? undefined : timeUs - duration, undefined);
  }

  return {
    byKey,
    isFull: () => total > MAX_LIVES || mostAlike > MAX_ALIKE,
    open,
    close(event, timeUs) {
      const last = byKey.get(socketKey(event))?.at(-1);
      const life = last === undefined || last.endedUs !== undefined ? openAtEnd(event, timeUs) : last;
      life.endedUs = timeUs;
    },
  };
}

export function createLedger(): Ledger {
  const lives = createLifeTable();
  const sources = new Set<Source>();
  const counts = {lost: 0, fails: 0};
  const span = {firstUs: Infinity, lastUs: -Infinity};
  return {
    lives: lives.byKey,
    sources,
    counts,
    span,
    isFull: lives.isFull,
    add(event, detectedUs) {
      sources.add(event.source);
      if (event.event === 'lost') {
        counts.lost += event.count;
        return;
      }
      const timeUs = parseTimeUs(event.time);
      span.firstUs = Math.min(span.firstUs, timeUs);
      span.lastUs = Math.max(span.lastUs, timeUs);
      if (event.event === 'fail') counts.fails += 1;
      else if (event.event === 'close') lives.close(event, timeUs);
      else if (event.event === 'open') lives.open(event, undefined, undefined);
      else lives.open(event, timeUs, detectedUs);
    },
  };
}
