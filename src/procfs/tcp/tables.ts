/** Reads the TCP tables of all network namespaces, each through one process in it. */
import {TcpState} from '../../model/state.js';
import {createLineReader, readLink, type ReadLines, type TakeLine} from '../files.js';
import type {NetworkNamespace} from '../namespaces.js';
import {bracketed, visitNamespaces} from '../processes.js';
import {createRowParser, type RowParser, type Table, type TcpRow} from './tcp-table.js';

/**
 * Takes one row of a namespace's table; the same row may come again.
 *
 * @returns true for a connection whose listener may have started after the listeners were read
 */
export type TakeRow = (netns: number, table: Table, row: TcpRow) => boolean;

/** State while the tables of one namespace after the other are read. */
interface TablesReading {
  readonly readLines: ReadLines;
  readonly parser: RowParser;
  readonly take: TakeRow;
  /** Namespace of the table that is being read. */
  netns: number;
  /** Number of connections so far without a known listener. */
  withoutListener: number;
}

function takeAllRows(reading: TablesReading, table: Table): TakeLine {
  const {parser, take} = reading;
  return (bytes, start, end) => {
    if (parser.parse(table, bytes, start, end) && take(reading.netns, table, parser.row))
      reading.withoutListener += 1;
    return true;
  };
}

/** Stops after the listeners, which the kernel lists before all other sockets. */
function takeListeners(reading: TablesReading, table: Table): TakeLine {
  const {parser, take} = reading;
  return (bytes, start, end) => {
    if (!parser.parse(table, bytes, start, end)) return true;
    if (parser.row.state !== TcpState.LISTEN) return false;
    take(reading.netns, table, parser.row);
    return true;
  };
}

/**
 * Creates a reader of one table. Listeners come first in a table, so one that starts during the read is missed, and its
 * connections look like outgoing ones. Therefore, if a connection has no listener, the listeners are read again.
 */
function createTableReader(reading: TablesReading, table: Table): (path: string) => boolean {
  const takeAll = takeAllRows(reading, table);
  const takeMissed = takeListeners(reading, table);
  return (path) => {
    const before = reading.withoutListener;
    const isRead = reading.readLines(path, takeAll);
    if (reading.withoutListener > before) reading.readLines(path, takeMissed);
    return isRead;
  };
}

/**
 * Creates a function that reads the tables of the namespaces of all processes, and of further namespaces that only
 * threads are in. It returns the pids whose descriptors may be read. It throws a TcptraceError (not supported) if no
 * /proc is mounted at `root`.
 *
 * @param withNumbers fills `row.numbers`
 */
export function createTablesReader(
  root: string,
  take: TakeRow,
  withNumbers = false,
): (namespaces?: readonly NetworkNamespace[]) => number[] {
  const reading: TablesReading = {
    readLines: createLineReader(),
    parser: createRowParser(withNumbers),
    take,
    netns: 0,
    withoutListener: 0,
  };
  const readTcp = createTableReader(reading, 4);
  const readTcp6 = createTableReader(reading, 6);

  /** Returns true if all tables were read; false if the process in whose directory they are exits meanwhile. */
  function readTables(directory: string, netns: number): boolean {
    reading.netns = netns;
    if (!readTcp(`${directory}/net/tcp`)) return false;
    // tcp6 is missing without IPv6
    return (
      readTcp6(`${directory}/net/tcp6`) || bracketed(readLink(`${directory}/ns/net`) ?? '', 'net:[') === netns
    );
  }

  return (threads = []) => {
    const done = new Set<number>();
    const pids = visitNamespaces(root, (pid, id) => {
      const isRead = readTables(`${root}/${String(pid)}`, id);
      if (isRead) done.add(id);
      return isRead;
    });
    for (const {inode, directory} of threads) {
      if (directory !== undefined && !done.has(inode)) readTables(directory, inode);
    }
    return pids;
  };
}
