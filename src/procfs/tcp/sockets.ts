/** Lists TCP sockets by one walk through /proc. */
import type {Direction} from '../../model/event.js';
import type {OpenSocket} from '../../model/socket.js';
import {nameOfState, spellState, type StateName, TcpState} from '../../model/state.js';
import {visitSockets} from '../descriptors.js';
import {areSame, createEndpointsFormatter, createEndpointsStore, type Endpoints} from './endpoints.js';
import {createListeners} from './listeners.js';
import type {NetworkNamespace} from '../namespaces.js';
import {type ListedNumbers, listNumbers} from './row-numbers.js';
import {createProcessReader, type Process} from '../processes.js';
import {createTablesReader} from './tables.js';
import type {Table, TcpRow} from './tcp-table.js';

/** One row of a table. */
interface Line {
  readonly netns: number;
  readonly table: Table;
  readonly state: StateName;
  /** Index of its endpoints in the store. */
  readonly index: number;
  /** 0 without a `struct socket`. */
  readonly inode: number;
  readonly numbers: ListedNumbers | undefined;
  /** Set once a process is found that holds it. */
  isHeld: boolean;
}

interface Tables {
  readonly byInode: ReadonlyMap<number, Line>;
  /** Rows without an inode, and further subflows of MPTCP sockets, which share the inode of the first one. */
  readonly others: readonly Line[];
  /** Returns a row's endpoints, valid until the next call. */
  readonly endpointsOf: (line: Line) => Uint32Array;
  /** True if a socket listens at the row's local endpoint. */
  readonly hasListener: (line: Line) => boolean;
  /** Processes whose descriptors may be read. */
  readonly pids: readonly number[];
}

/** Reads the tables of every namespace. */
function readTables(root: string, namespaces: readonly NetworkNamespace[], withNumbers: boolean): Tables {
  const byInode = new Map<number, Line>();
  const others: Line[] = [];
  const listeners = createListeners();
  const store = createEndpointsStore();

  function add(netns: number, table: Table, row: TcpRow): boolean {
    const {inode, endpoints} = row;
    if (row.state === TcpState.LISTEN) listeners.add(netns, table, row, 0);
    const name = nameOfState(row.state);
    const state = name && spellState(name);
    const known = inode === 0 ? undefined : byInode.get(inode);
    if (state === undefined || state === 'closed' || (known && areSame(store.get(known.index), endpoints)))
      return false;
    const numbers = row.numbers && listNumbers(row.numbers, state === 'listening');
    const line: Line = {netns, table, state, inode, index: store.add(endpoints), numbers, isHeld: false};
    if (inode === 0 || known !== undefined) others.push(line);
    else byInode.set(inode, line);
    // do not look up the listener yet: reading the listeners again costs less than two lookups for each row
    return state !== 'listening';
  }

  const pids = createTablesReader(root, add, withNumbers)(namespaces);
  const endpointsOf = ({index}: Line): Uint32Array => store.get(index);
  const hasListener = (line: Line): boolean => listeners.has(line.netns, line.table, endpointsOf(line));
  return {byInode, others, endpointsOf, hasListener, pids};
}

/** Builds object literals instead of spreading, which would take most of the time. */
function describe(
  {pid, comm, uid}: Partial<Process>,
  {netns, state, inode: number, numbers}: Line,
  {family, laddr, lport, raddr, rport}: Endpoints,
  direction: Direction,
  fds: readonly number[] | undefined,
): OpenSocket {
  const source = 'proc';
  const inode = number || undefined;
  if (state === 'listening') {
    const backlog = numbers?.backlog;
    return {source, state, pid, comm, uid, fds, family, laddr, lport, netns, inode, backlog};
  }
  return {
    source,
    state,
    pid,
    comm,
    uid,
    fds,
    family,
    laddr,
    lport,
    raddr,
    rport,
    netns,
    inode,
    direction,
    cwnd: numbers?.cwnd,
    tx_queue_bytes: numbers?.tx_queue_bytes,
    rx_queue_bytes: numbers?.rx_queue_bytes,
    timer: numbers?.timer,
    timer_ms: numbers?.timer_ms,
    timer_retrans: numbers?.timer_retrans,
  };
}

/** Keeps each row once: the table of a namespace is read again if the process through which it was read exits. */
function dropRepeated(lines: readonly Line[], endpointsOf: Tables['endpointsOf']): Line[] {
  const known = new Set<string>();
  return lines.filter((line) => {
    const before = known.size;
    return before < known.add([line.netns, line.inode, ...endpointsOf(line)].join(' ')).size;
  });
}

/** Reads the sockets of a process: inodes, each with its descriptors, sorted. */
function readSockets(root: string, pid: number): ReadonlyMap<number, readonly number[]> {
  const held = new Map<number, number[]>();
  visitSockets(root, pid, (inode, _, fd) => {
    const others = held.get(inode);
    if (others === undefined) held.set(inode, [fd]);
    else others.push(fd);
  });
  for (const fds of held.values()) if (fds.length > 1) fds.sort((a, b) => a - b);
  return held;
}

/**
 * Lists the sockets of all tables: once for each process that holds one, and once if no visible process does.
 *
 * @param root mount point of /proc
 * @param namespaces namespaces to read in addition to those of processes
 * @param withNumbers adds queues, timers and the like
 * @throws TcptraceError (not supported) if no /proc is mounted at `root`
 */
export function listSocketsOfProc(
  root = '/proc',
  namespaces: readonly NetworkNamespace[] = [],
  withNumbers = false,
): OpenSocket[] {
  const {byInode, others, endpointsOf, hasListener, pids} = readTables(root, namespaces, withNumbers);
  const readProcess = createProcessReader(root);
  const formatEndpoints = createEndpointsFormatter();
  const sockets: OpenSocket[] = [];
  const sharedInodes = new Map(others.filter(({inode}) => inode !== 0).map(({inode}) => [inode, {}]));

  /** Assumes that a held socket without a listener has called connect(). The listener of others may have closed. */
  function findDirection(line: Line): Direction {
    if (line.state === 'syn-sent') return 'out';
    if (line.state === 'syn-recv' || hasListener(line)) return 'in';
    return line.isHeld ? 'out' : 'unknown';
  }

  function add(process: Partial<Process>, line: Line, fds?: readonly number[]): void {
    sockets.push(describe(process, line, formatEndpoints(endpointsOf(line)), findDirection(line), fds));
  }

  for (const pid of pids) {
    for (const [inode, fds] of readSockets(root, pid)) {
      const line = byInode.get(inode);
      if (line === undefined) continue;
      line.isHeld = true;
      if (sharedInodes.has(inode)) sharedInodes.set(inode, readProcess(pid));
      add(readProcess(pid), line, fds);
    }
  }
  for (const line of byInode.values()) if (!line.isHeld) add({}, line);
  for (const line of dropRepeated(others, endpointsOf)) add(sharedInodes.get(line.inode) ?? {}, line);
  return sockets;
}
