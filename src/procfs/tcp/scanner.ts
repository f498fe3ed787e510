/** Looks for TCP connections in all of /proc: tables once per network namespace, descriptors of every process. */
import {type Changes, createConnections} from './connections.js';
import {visitSockets} from '../descriptors.js';
import {createProcessReader} from '../processes.js';
import {createTablesReader} from './tables.js';

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
  const readTables = createTablesReader(root, (netns, table, row) => connections.list(netns, table, row));

  const hold = (inode: number, pid: number): void => {
    connections.hold(inode, pid);
  };

  return {
    scan() {
      connections.begin();
      for (const pid of readTables()) visitSockets(root, pid, hold);
      return connections.end(performance.now(), createProcessReader(root));
    },
  };
}
