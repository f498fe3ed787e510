/** The TCP sockets that processes hold now, by one walk through /proc. */
import type {Direction} from '../../model/event.js';
import {type OpenSocket, nameOfState, TcpState, type TcpStateName} from '../../model/socket.js';
import {visitSockets} from '../descriptors.js';
import {createEndpointsStore, createEndsFormatter, type Endpoints} from './endpoints.js';
import {createListeners} from './listeners.js';
import {createProcessReader, type Process} from '../processes.js';
import {createTablesReader} from './tables.js';
import type {Table, TcpRow} from './tcp-table.js';

/** A line of a table. */
interface Line {
  readonly netns: number;
  readonly table: Table;
  readonly state: TcpStateName;
  /** Where its endpoints are. */
  readonly index: number;
}

interface Tables {
  readonly lines: ReadonlyMap<number, Line>;
  /** Of a line, until the next call. */
  readonly endpointsOf: (line: Line) => Uint32Array;
  /** Whether something listens where this connection has its local end. */
  readonly hasListener: (line: Line) => boolean;
  /** Processes whose descriptors may be read. */
  readonly pids: readonly number[];
}

/** Reads the tables of every namespace. */
function readTables(root: string): Tables {
  const lines = new Map<number, Line>();
  const listeners = createListeners();
  const store = createEndpointsStore();
  function add(netns: number, table: Table, row: TcpRow): boolean {
    const {inode, endpoints} = row;
    if (row.state === TcpState.LISTEN) listeners.note(netns, table, row, 0);
    const state = nameOfState(row.state);
    // of the subflows of MPTCP, which share an inode, the first
    if (inode === 0 || state === undefined || lines.has(inode)) return false;
    lines.set(inode, {netns, table, state, index: store.add(endpoints)});
    // to look for its listener now, and again when all are known, would cost more than to read them once more
    return state !== 'LISTEN';
  }

  const pids = createTablesReader(root, add)();
  const endpointsOf = ({index}: Line): Uint32Array => store.get(index);
  const hasListener = (line: Line): boolean => listeners.has(line.netns, line.table, endpointsOf(line));
  return {lines, endpointsOf, hasListener, pids};
}

/** Written out, because to put objects together takes longer than all the rest. */
function describe(
  {pid, comm, uid}: Process,
  {netns, state}: Line,
  inode: number,
  {family, laddr, lport, raddr, rport}: Endpoints,
  direction: Direction,
): OpenSocket {
  const source = 'proc';
  // a listener has no remote end
  return state === 'LISTEN'
    ? {source, state, pid, comm, uid, family, laddr, lport, netns, inode}
    : {source, state, pid, comm, uid, family, laddr, lport, raddr, rport, netns, inode, direction};
}

/**
 * @param root where a /proc is mounted
 * @throws TcptraceError (not supported) where there is no /proc
 */
export function listSocketsOfProc(root = '/proc'): OpenSocket[] {
  const {lines, endpointsOf, hasListener, pids} = readTables(root);
  const readProcess = createProcessReader(root);
  const formatEnds = createEndsFormatter();
  const sockets: OpenSocket[] = [];
  for (const pid of pids) {
    const held = new Set<number>();
    visitSockets(root, pid, (inode) => held.add(inode));
    for (const inode of held) {
      const line = lines.get(inode);
      if (line === undefined) continue;
      const direction = line.state !== 'SYN_SENT' && hasListener(line) ? 'in' : 'out';
      sockets.push(describe(readProcess(pid), line, inode, formatEnds(endpointsOf(line)), direction));
    }
  }
  return sockets;
}
