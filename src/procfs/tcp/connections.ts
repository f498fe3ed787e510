/** The TCP connections that processes hold, from one look at the tables and descriptors to the next. */
import type {Direction} from '../../model/event.js';
import {TcpState} from '../../model/socket.js';
import {areSame, createEndsFormatter, type Endpoints} from './endpoints.js';
import {createListeners} from './listeners.js';
import type {Process} from '../processes.js';
import type {Table, TcpRow} from './tcp-table.js';

/** A connection that is established, or was and is not closed yet. */
export interface Connection extends Endpoints {
  readonly inode: number;
  /** Inode of the namespace whose table it is in. */
  readonly netns: number;
  readonly direction: Direction;
  /** Who held it when it was first seen: of several processes the one with the lowest pid, as in `holder`. */
  readonly opener: Process;
  /** Who held it when that was last seen. */
  holder: Process;
  /** When it was first seen, by performance.now(); undefined where the first scan saw it. */
  readonly since: number | undefined;
}

/** How the connections differ from those of the scan before; all that are there are `opened` by the first. */
export interface Changes {
  /** When all was looked at, by performance.now(). */
  readonly now: number;
  readonly opened: readonly Connection[];
  readonly closed: readonly Connection[];
}

/** One scan: begin(), all lines of all tables, then all descriptors, then end(). */
export interface Connections {
  begin(): void;
  /**
   * Takes one line of a table of a namespace; the same line may come again.
   *
   * @returns whether it is a connection that is new and has no listener, as far as those have been listed
   */
  list(netns: number, table: Table, row: TcpRow): boolean;
  /** Takes one descriptor: any socket, TCP or not. */
  hold(inode: number, pid: number): void;
  /** @param now by performance.now() */
  end(now: number, readProcess: (pid: number) => Process): Changes;
}

/** A socket of the tables. It is there as long as it is listed or held: after a RST it is held only. */
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
  const formatEnds = createEndsFormatter();
  /** Other lines of sockets that are known: connected anew, or further subflows of MPTCP. */
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

  /** What is not listed as it was has been connected anew. */
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

  /** Takes over who holds it; returns it where nobody was known to hold it before. */
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
      const ends = formatEnds(endpoints);
      entry.connection = {...ends, inode, netns, direction, opener, holder: opener, since};
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
