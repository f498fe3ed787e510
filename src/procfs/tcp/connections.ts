/** Tracks the TCP connections that processes hold, from one scan to the next. */
import type {Direction} from '../../model/event.js';
import {TcpState} from '../../model/socket.js';
import {areSame, createEndsFormatter, type Endpoints} from './endpoints.js';
import {createListeners} from './listeners.js';
import type {Process} from '../processes.js';
import type {Table, TcpRow} from './tcp-table.js';

/** An established connection that is not closed yet. */
export interface Connection extends Endpoints {
  readonly inode: number;
  /** Inode of its network namespace. */
  readonly netns: number;
  readonly direction: Direction;
  /** Process that held it when it was first seen; the lowest pid of several, as in `holder`. */
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
  end(now: number, readProcess: (pid: number) => Process): Changes;
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

export function createConnections(): Connections {
  const entries = new Map<number, Entry>();
  const listeners = createListeners();
  const formatEndpoints = createEndsFormatter();
  /** Further lines of known sockets: reconnected ones, or more subflows of MPTCP. */
  const others = new Map<number, Entry>();
  let scan = 0;
  let closed: Connection[] = [];

  function drop(inode: number, {connection}: Entry): void {
    entries.delete(inode);
    if (connection !== undefined) closed.push(connection);
  }

  function add(to: Map<number, Entry>, netns: number, table: Table, {inode, endpoints}: TcpRow): boolean {
    const entry: Entry = {
      netns,
      table,
      endpoints: endpoints.slice(),
      direction: 'unknown',
      listedIn: scan,
      heldIn: 0,
      pid: 0,
      connection: undefined,
    };
    to.set(inode, entry);
    if (hasListener(entry)) entry.direction = 'in';
    return entry.direction === 'unknown';
  }

  /** Replaces sockets that are listed with other endpoints only: they have reconnected. */
  function replace(): void {
    for (const [inode, entry] of others) {
      const known = entries.get(inode);
      if (known === undefined || known.listedIn === scan) continue;
      drop(inode, known);
      entry.heldIn = known.heldIn;
      entry.pid = known.pid;
      entries.set(inode, entry);
    }
    others.clear();
  }

  function hasListener({netns, table, endpoints}: Entry): boolean {
    return listeners.has(netns, table, endpoints);
  }

  /** Updates the holder; returns the connection if it had none before. */
  function own(
    inode: number,
    entry: Entry,
    since: number | undefined,
    readProcess: (pid: number) => Process,
  ): Connection | undefined {
    const {connection, netns, endpoints, pid} = entry;
    if (connection === undefined) {
      const direction = entry.direction === 'in' || hasListener(entry) ? 'in' : 'out';
      const opener = readProcess(pid);
      const formatted = formatEndpoints(endpoints);
      entry.connection = {...formatted, inode, netns, direction, opener, holder: opener, since};
      return entry.connection;
    }
    if (connection.holder.pid !== pid) connection.holder = readProcess(pid);
    return undefined;
  }

  return {
    begin() {
      scan += 1;
      listeners.sweep(scan);
      closed = [];
    },

    list(netns, table, row) {
      const {inode, state, endpoints} = row;
      if (state === TcpState.LISTEN) listeners.note(netns, table, row, scan);
      if (inode === 0 || !CONNECTED.has(state)) return false;
      const known = entries.get(inode);
      if (known === undefined) return add(entries, netns, table, row);
      if (known.netns !== netns || !areSame(known.endpoints, endpoints))
        return add(others, netns, table, row);
      known.listedIn = scan;
      return false;
    },

    hold(inode, pid) {
      const entry = entries.get(inode);
      if (entry === undefined || (entry.heldIn === scan && entry.pid < pid)) return;
      entry.heldIn = scan;
      entry.pid = pid;
    },

    end(now, readProcess) {
      replace();
      const opened: Connection[] = [];
      const since = scan === 1 ? undefined : now;
      for (const [inode, entry] of entries) {
        if (entry.heldIn === scan) {
          const connection = own(inode, entry, since, readProcess);
          if (connection !== undefined) opened.push(connection);
        } else if (entry.listedIn !== scan) {
          drop(inode, entry);
        }
      }
      return {now, opened, closed};
    },
  };
}
