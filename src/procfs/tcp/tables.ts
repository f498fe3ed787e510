/** The TCP tables of all network namespaces, each read through one process in it. */
import {TcpState} from '../../model/socket.js';
import {createLineReader, type TakeLine} from '../files.js';
import {readNetns, visitNamespaces} from '../processes.js';
import {createRowParser, type Table, type TcpRow} from './tcp-table.js';

/**
 * Takes one line of a table of a namespace; the same line may come again.
 *
 * @returns whether it is a connection whose listener may be missing yet, because it began after the listeners were read
 */
export type TakeRow = (netns: number, table: Table, row: TcpRow) => boolean;

/**
 * @param root where a /proc is mounted
 * @returns a function that reads all tables, and returns the pids whose descriptors may be read; it throws TcptraceError
 * (not supported) where there is no /proc
 */
export function createTablesReader(root: string, take: TakeRow): () => number[] {
  const readLines = createLineReader();
  const parser = createRowParser();
  /** Of the table that is being read. */
  let netns = 0;
  /** Connections whose listener may be missing, so far. */
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
   * Listeners come first, so what began to listen while the rest was read is missing, and its connections would be
   * taken for made ones: where there may be such, the listeners are read once more.
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

  /** Whether all tables of the namespace were read; not if the process, through which that goes, ended meanwhile. */
  function readTables(pid: number): boolean {
    const directory = `${root}/${String(pid)}/net`;
    if (!readTcp(`${directory}/tcp`)) return false;
    // there is none where IPv6 is off
    return readTcp6(`${directory}/tcp6`) || readNetns(root, pid) === netns;
  }

  return () =>
    visitNamespaces(root, (pid, id) => {
      netns = id;
      return readTables(pid);
    });
}
