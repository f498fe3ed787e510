/** Scans /proc for TCP connections: tables once per network namespace, descriptors of every process. */
import {type Changes, createConnections} from './connections.js';
import {createLocalAddresses} from './local-addresses.js';
import {visitSockets} from '../descriptors.js';
import {createProcessReader} from '../processes.js';
import {createTablesReader} from './tables.js';

export interface Scanner {
  /**
   * Scans once, synchronously.
   *
   * @returns the changes since the previous scan
   * @throws TcptraceError (not supported) if /proc is missing
   */
  scan(): Changes;
}

/** @param root mount point of /proc */
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
      return connections.end(performance.now(), createProcessReader(root), createLocalAddresses(root));
    },
  };
}
