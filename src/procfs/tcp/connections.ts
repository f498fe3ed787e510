/** Tracks the TCP connections that processes hold, from one scan to the next. */
import type {Direction} from '../../model/event.js';
import {TcpState} from '../../model/state.js';
import {areSame, createEndpointsFormatter, type Endpoints} from './endpoints.js';
import {createListeners, type Listeners} from './listeners.js';
import type {IsLocal} from './local-addresses.js';
import type {Process} from '../processes.js';
import type {Table, TcpRow} from './tcp-table.js';

/** An established connection that is not closed yet. */
export interface Connection extends Endpoints {
  readonly inode: number;
  /** Inode of its network namespace. */
  readonly netns: number;
  readonly direction: Direction;
  /** Process that held it when it was first seen; if several did, the one with the lowest pid, as in `holder`. */
  readonly opener: Process;
  /** Process that was last seen holding it. */
  holder: Process;
  /** Time of the first scan that saw it, by performance.now(); undefined for the very first scan. */
  readonly since: number | undefined;
}

/** Changes since the previous scan; the first scan reports all connections as `opened`. */
export interface Changes {
  /** End of the scan, by performance.now(). */
  readonly now: number;
  readonly opened: readonly Connection[];
  readonly closed: readonly Connection[];
}

type ReadProcess = (pid: number) => Process;

/** One scan: begin(), all lines of all tables, then all descriptors, then end(). */
export interface Connections {
  begin(): void;
  /**
   * Adds a line of a table of a namespace; a line may repeat.
   *
   * @returns true if it is a new connection without a known listener
   */
  list(netns: number, table: Table, row: TcpRow): boolean;
  /** Adds a descriptor of any socket, TCP or not. */
  hold(inode: number, pid: number): void;
  /** @param now by performance.now() */
  end(now: number, readProcess: ReadProcess, isLocal: IsLocal): Changes;
}

/** A socket, open as long as a table lists it or a process holds it; after a RST it is only held. */
interface Entry {
  readonly netns: number;
  readonly table: Table;
  readonly endpoints: Uint32Array;
  direction: Direction;
  listedIn: number;
  heldIn: number;
  pid: number;
  /** Undefined until a process was seen to hold it. */
  connection: Connection | undefined;
}

const CONNECTED: ReadonlySet<number> = new Set<number>([
  TcpState.ESTABLISHED,
  TcpState.FIN_WAIT1,
  TcpState.FIN_WAIT2,
  TcpState.CLOSE_WAIT,
  TcpState.LAST_ACK,
  TcpState.CLOSING,
]);

interface State {
  /** Number of the current scan, from 1. */
  scan: number;
  /** Known sockets by inode. */
  readonly entries: Map<number, Entry>;
  /** Further lines of known sockets: reconnected ones, or more subflows of MPTCP. */
  readonly others: Map<number, Entry>;
  /** Connections whose sockets the current scan replaced or no longer found. */
  closed: Connection[];
  readonly listeners: Listeners;
  readonly formatEndpoints: ReturnType<typeof createEndpointsFormatter>;
}

function hasListener({listeners}: State, {netns, table, endpoints}: Entry): boolean {
  return listeners.has(netns, table, endpoints);
}

function drop(state: State, inode: number, {connection}: Entry): void {
  state.entries.delete(inode);
  if (connection !== undefined) state.closed.push(connection);
}

/** Adds a line to `entries` or `others`; returns true if it has no known listener. */
function add(
  state: State,
  to: Map<number, Entry>,
  netns: number,
  table: Table,
  {inode, endpoints}: TcpRow,
): boolean {
  const entry: Entry = {
    netns,
    table,
    endpoints: endpoints.slice(),
    direction: 'unknown',
    listedIn: state.scan,
    heldIn: 0,
    pid: 0,
    connection: undefined,
  };
  to.set(inode, entry);
  if (hasListener(state, entry)) entry.direction = 'in';
  return entry.direction === 'unknown';
}

function list(state: State, netns: number, table: Table, row: TcpRow): boolean {
  const {entries, others, listeners, scan} = state;
  const {inode, endpoints} = row;
  if (row.state === TcpState.LISTEN) listeners.add(netns, table, row, scan);
  if (inode === 0 || !CONNECTED.has(row.state)) return false;
  const known = entries.get(inode);
  if (known === undefined) return add(state, entries, netns, table, row);
  if (known.netns !== netns || !areSame(known.endpoints, endpoints))
    return add(state, others, netns, table, row);
  known.listedIn = scan;
  return false;
}

function hold({entries, scan}: State, inode: number, pid: number): void {
  const entry = entries.get(inode);
  if (entry === undefined || (entry.heldIn === scan && entry.pid < pid)) return;
  entry.heldIn = scan;
  entry.pid = pid;
}

/** Replaces sockets that the tables list with different endpoints than before: they have reconnected. */
function replaceReconnected(state: State): void {
  const {entries, others, scan} = state;
  for (const [inode, entry] of others) {
    const known = entries.get(inode);
    if (known === undefined || known.listedIn === scan) continue;
    drop(state, inode, known);
    entry.heldIn = known.heldIn;
    entry.pid = known.pid;
    entries.set(inode, entry);
  }
  others.clear();
}

/** Updates the holder; returns the connection if it had none before. */
function updateHolder(
  state: State,
  inode: number,
  entry: Entry,
  now: number,
  readProcess: ReadProcess,
  isLocal: IsLocal,
): Connection | undefined {
  const {connection, netns, endpoints, pid} = entry;
  if (connection === undefined) {
    const opener = readProcess(pid);
    const formatted = state.formatEndpoints(endpoints);
    const isAccepted = entry.direction === 'in' || hasListener(state, entry);
    // a transparent proxy accepts connections to addresses other than the one it listens at (TPROXY)
    const isOpened = !isAccepted && isLocal(pid, netns, formatted.family, formatted.laddr);
    const direction = isAccepted ? 'in' : isOpened ? 'out' : 'unknown';
    const since = state.scan === 1 ? undefined : now;
    entry.connection = {...formatted, inode, netns, direction, opener, holder: opener, since};
    return entry.connection;
  }
  if (connection.holder.pid !== pid) connection.holder = readProcess(pid);
  return undefined;
}

function end(state: State, now: number, readProcess: ReadProcess, isLocal: IsLocal): Changes {
  replaceReconnected(state);
  const opened: Connection[] = [];
  for (const [inode, entry] of state.entries) {
    if (entry.heldIn === state.scan) {
      const connection = updateHolder(state, inode, entry, now, readProcess, isLocal);
      if (connection !== undefined) opened.push(connection);
    } else if (entry.listedIn !== state.scan) {
      drop(state, inode, entry);
    }
  }
  return {now, opened, closed: state.closed};
}

export function createConnections(): Connections {
  const state: State = {
    scan: 0,
    entries: new Map(),
    others: new Map(),
    closed: [],
    listeners: createListeners(),
    formatEndpoints: createEndpointsFormatter(),
  };
  return {
    begin() {
      state.scan += 1;
      state.listeners.sweep(state.scan);
      state.closed = [];
    },
    list: (netns, table, row) => list(state, netns, table, row),
    hold(inode, pid) {
      hold(state, inode, pid);
    },
    end: (now, readProcess, isLocal) => end(state, now, readProcess, isLocal),
  };
}
