/** Looks for TCP connections in all of /proc: tables once per network namespace, descriptors of every process. */
import {TcpState} from '../model/socket.js';
import {type Changes, createConnections} from './connections.js';
import {createLineReader, type TakeLine} from './files.js';
import {createProcessReader, readNetns, visitNamespaces, visitSockets} from './processes.js';
import {createRowParser, type Table} from './tcp-table.js';

export interface Scanner {
  /**
   * Looks once, without a break.
   *
   * @returns how what is there differs from what the scan before found
   * @throws TcptraceError (not supported) where there is no /proc
   */
  scan(): Changes;
}

/** @param root where a /proc is mounted */
export function createScanner(root = '/proc'): Scanner {
  const connections = createConnections();
  const readLines = createLineReader();
  const parser = createRowParser();
  /** Of the table that is being read. */
  let netns = 0;
  /** New connections without a listener, so far. */
  let unexplained = 0;

  function takeFrom(table: Table): TakeLine {
    return (bytes, start, end) => {
      if (parser.parse(table, bytes, start, end) && connections.list(netns, table, parser.row))
        unexplained += 1;
      return true;
    };
  }

  /** The kernel lists listeners before all others. */
  function takeListenersFrom(table: Table): TakeLine {
    return (bytes, start, end) => {
      if (!parser.parse(table, bytes, start, end)) return true;
      if (parser.row.state !== TcpState.LISTEN) return false;
      connections.list(netns, table, parser.row);
      return true;
    };
  }

  /**
   * Listeners come first, so what began to listen while the rest was read is missing, and its connections would be
   * taken for made ones: where there may be such, the listeners are read once more.
   */
  function createTableReader(table: Table): (path: string) => boolean {
    const take = takeFrom(table);
    const takeListeners = takeListenersFrom(table);
    return (path) => {
      const before = unexplained;
      const isRead = readLines(path, take);
      if (unexplained > before) readLines(path, takeListeners);
      return isRead;
    };
  }

  const readTcp = createTableReader(4);
  const readTcp6 = createTableReader(6);

  /** Whether all tables of the namespace were read; not if the process, through which that goes, ended meanwhile. */
  function readTables(pid: number): boolean {
    const directory = `${root}/${String(pid)}/net`;
    if (!readTcp(`${directory}/tcp`)) return false;
    // there is none where IPv6 is off
    return readTcp6(`${directory}/tcp6`) || readNetns(root, pid) === netns;
  }

  function readAllTables(): number[] {
    return visitNamespaces(root, (pid, id) => {
      netns = id;
      return readTables(pid);
    });
  }

  const hold = (inode: number, pid: number): void => {
    connections.hold(inode, pid);
  };

  return {
    scan() {
      connections.begin();
      for (const pid of readAllTables()) visitSockets(root, pid, hold);
      return connections.end(performance.now(), createProcessReader(root));
    },
  };
}
