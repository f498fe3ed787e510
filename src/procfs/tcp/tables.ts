/** Reads the TCP tables of all network namespaces, each through one process in it. */
import {TcpState} from '../../model/socket.js';
import {createLineReader, readLink, type TakeLine} from '../files.js';
import type {NetworkNamespace} from '../namespaces.js';
import {bracketed, visitNamespaces} from '../processes.js';
import {createRowParser, type Table, type TcpRow} from './tcp-table.js';

/**
 * Takes one row of a namespace's table; the same row may come again.
 *
 * @returns true for a connection whose listener may have started after the listeners were read
 */
export type TakeRow = (netns: number, table: Table, row: TcpRow) => boolean;

/**
 * Creates a function that reads the tables of all namespaces of processes, and of others that threads are in, and returns
 * the pids whose descriptors may be read. It throws a TcptraceError (not supported) if no /proc is mounted at `root`.
 */
export function createTablesReader(
  root: string,
  take: TakeRow,
): (namespaces?: readonly NetworkNamespace[]) => number[] {
  const readLines = createLineReader();
  const parser = createRowParser();
  /** Namespace of the table that is being read. */
  let netns = 0;
  /** Number of connections so far whose listener may be missing. */
  let unexplained = 0;

  function takeFrom(table: Table): TakeLine {
    return (bytes, start, end) => {
      if (parser.parse(table, bytes, start, end) && take(netns, table, parser.row)) unexplained += 1;
      return true;
    };
  }

  /** The kernel lists listeners before all others. */
  function takeListenersFrom(table: Table): TakeLine {
    return (bytes, start, end) => {
      if (!parser.parse(table, bytes, start, end)) return true;
      if (parser.row.state !== TcpState.LISTEN) return false;
      take(netns, table, parser.row);
      return true;
    };
  }

  /**
   * Listeners come first in a table. One that starts while the rest is read is missed, and its connections look like
   * outgoing ones, so the listeners are read again if a connection has none.
   */
  function createTableReader(table: Table): (path: string) => boolean {
    const takeAll = takeFrom(table);
    const takeListeners = takeListenersFrom(table);
    return (path) => {
      const before = unexplained;
      const isRead = readLines(path, takeAll);
      if (unexplained > before) readLines(path, takeListeners);
      return isRead;
    };
  }

  const readTcp = createTableReader(4);
  const readTcp6 = createTableReader(6);

  /** True if all tables of the namespace were read; false if the process through which they are read exits meanwhile. */
  function readTables(directory: string): boolean {
    if (!readTcp(`${directory}/net/tcp`)) return false;
    // tcp6 is missing without IPv6
    return (
      readTcp6(`${directory}/net/tcp6`) || bracketed(readLink(`${directory}/ns/net`) ?? '', 'net:[') === netns
    );
  }

  return (threads = []) => {
    const done = new Set<number>();
    const pids = visitNamespaces(root, (pid, id) => {
      netns = id;
      const isRead = readTables(`${root}/${String(pid)}`);
      if (isRead) done.add(id);
      return isRead;
    });
    for (const {inode, directory} of threads) {
      netns = inode;
      if (directory !== undefined && !done.has(inode)) readTables(directory);
    }
    return pids;
  };
}
