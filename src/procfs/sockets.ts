/** The TCP sockets that processes hold now, by one walk through /proc. */
import type {Direction} from '../model/event.js';
import {type HeldSocket, nameOfState, TcpState, type TcpStateName} from '../model/socket.js';
import {createEndsFormatter, type Ends} from './endpoints.js';
import {createListeners} from './listeners.js';
import {createProcessReader, visitSockets} from './processes.js';
import {createTablesReader} from './tables.js';
import type {Table, TcpRow} from './tcp-table.js';

/** A line of a table. */
interface Line {
  readonly netns: number;
  readonly table: Table;
  readonly state: TcpStateName;
  readonly endpoints: Uint32Array;
}

type FormatEnds = (endpoints: Uint32Array) => Ends;

interface Tables {
  readonly lines: ReadonlyMap<number, Line>;
  /** Whether something listens where this connection has its local end. */
  readonly hasListener: (line: Line) => boolean;
  /** Processes whose descriptors may be read. */
  readonly pids: readonly number[];
}

/** Reads the tables of every namespace. */
function readTables(root: string): Tables {
  const lines = new Map<number, Line>();
  const listeners = createListeners();
  function add(netns: number, table: Table, row: TcpRow): boolean {
    const {inode, endpoints} = row;
    if (row.state === TcpState.LISTEN) listeners.note(netns, table, row, 0);
    const state = nameOfState(row.state);
    // of the subflows of MPTCP, which share an inode, the first
    if (inode === 0 || state === undefined || lines.has(inode)) return false;
    lines.set(inode, {netns, table, state, endpoints: endpoints.slice()});
    // to look for its listener now, and again when all are known, would cost more than to read them once more
    return state !== 'LISTEN';
  }

  const pids = createTablesReader(root, add)();
  const hasListener = ({netns, table, endpoints}: Line): boolean => listeners.has(netns, table, endpoints);
  return {lines, hasListener, pids};
}

function describe({netns, state, endpoints}: Line, inode: number, direction: Direction, format: FormatEnds) {
  const {family, laddr, lport, raddr, rport} = format(endpoints);
  const local = {family, laddr, lport};
  // a listener has no remote end
  return state === 'LISTEN' ? {...local, netns, inode} : {...local, raddr, rport, netns, inode, direction};
}

/**
 * @param root where a /proc is mounted
 * @throws TcptraceError (not supported) where there is no /proc
 */
export function listSocketsOfProc(root = '/proc'): HeldSocket[] {
  const {lines, hasListener, pids} = readTables(root);
  const readProcess = createProcessReader(root);
  const formatEnds = createEndsFormatter();
  const sockets: HeldSocket[] = [];
  for (const pid of pids) {
    const held = new Set<number>();
    visitSockets(root, pid, (inode) => held.add(inode));
    for (const inode of held) {
      const line = lines.get(inode);
      if (line === undefined) continue;
      const direction = line.state !== 'SYN_SENT' && hasListener(line) ? 'in' : 'out';
      const {state} = line;
      sockets.push({
        source: 'proc',
        state,
        ...readProcess(pid),
        ...describe(line, inode, direction, formatEnds),
      });
    }
  }
  return sockets;
}
