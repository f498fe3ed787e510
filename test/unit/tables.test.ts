/** Reads TCP tables and lists sockets in fake /proc directories. */
import assert from 'node:assert/strict';
import type {OpenSocket} from '#dist/model/socket.js';
import {listSocketsOfProc} from '#dist/procfs/tcp/sockets.js';
import {createTablesReader} from '#dist/procfs/tcp/tables.js';
import {type Content, HEADER, line, ProcTree, STATES} from '../helpers/proc-tree.js';

const LISTENER = line('0.0.0.0 80', '0.0.0.0 0', 5, STATES.LISTEN);
const ACCEPTED = line('10.0.0.1 80', '10.0.0.2 50000', 100);

function holding(...inodes: readonly number[]): Content {
  const fds = Object.fromEntries(inodes.map((inode, index) => [index, `socket:[${String(inode)}]`]));
  return {netns: 1, fds, comm: 'name\n', status: 'Uid:\t1000\t0\t0\t0\n'};
}

function byPidAndInode(a: OpenSocket, b: OpenSocket): number {
  return (a.pid ?? 0) - (b.pid ?? 0) || (b.inode ?? 0) - (a.inode ?? 0);
}

describe('tables of /proc', () => {
  let tree: ProcTree;

  beforeEach(() => {
    tree = new ProcTree();
  });

  afterEach(() => {
    tree[Symbol.dispose]();
  });

  it('reads listeners again if a new connection has none', () => {
    const rows: string[] = [];
    tree.set(7, {...holding(), tcp: HEADER + ACCEPTED});
    const read = createTablesReader(tree.root, (netns, table, {state, inode}) => {
      rows.push([netns, table, state, inode].join(' '));
      // the listener appears while the table is read
      tree.set(7, {...holding(), tcp: HEADER + LISTENER + ACCEPTED});
      return state !== STATES.LISTEN;
    });
    assert.deepEqual(read(), [7]);
    assert.deepEqual(rows, ['1 4 1 100', '1 4 10 5']);
  });

  it('does not read listeners again otherwise', () => {
    const rows: number[] = [];
    tree.set(7, {...holding(), tcp: HEADER + LISTENER + ACCEPTED});
    createTablesReader(tree.root, (_netns, _table, {inode}) => {
      rows.push(inode);
      return false;
    })();
    assert.deepEqual(rows, [5, 100]);
  });

  it('lists a socket once for each process that holds it', () => {
    tree.set(7, {...holding(100, 100, 5, 999), tcp: HEADER + LISTENER + ACCEPTED});
    tree.set(8, {netns: 1, fds: {3: 'socket:[100]'}});
    const connection = {
      source: 'proc',
      state: 'established',
      family: 4,
      laddr: '10.0.0.1',
      lport: 80,
      raddr: '10.0.0.2',
      rport: 50_000,
      netns: 1,
      inode: 100,
      direction: 'in',
    };
    const listener = {
      source: 'proc',
      state: 'listening',
      family: 4,
      laddr: '0.0.0.0',
      lport: 80,
      netns: 1,
      inode: 5,
    };
    const known = {pid: 7, comm: 'name', uid: 1000};
    const listed = listSocketsOfProc(tree.root).sort(byPidAndInode);
    assert.deepEqual(JSON.parse(JSON.stringify(listed)), [
      {...connection, ...known, fds: [0, 1]},
      {...listener, ...known, fds: [2]},
      {...connection, pid: 8, fds: [3]},
    ]);
  });

  it('sockets that no process holds have no pid; a row that comes twice is one', () => {
    const timeWait = line('10.0.0.1 1', '10.0.0.2 2', 0, STATES.TIME_WAIT);
    tree.set(7, {...holding(), tcp: HEADER + timeWait + ACCEPTED + timeWait + ACCEPTED});
    const listed = listSocketsOfProc(tree.root);
    assert.deepEqual(
      listed.map(({state, pid, lport, inode, direction}) => [state, pid, lport, inode, direction]),
      [
        ['established', undefined, 80, 100, 'unknown'],
        ['time-wait', undefined, 1, undefined, 'unknown'],
      ],
    );
  });

  it('further subflows of an MPTCP socket, which share its inode, have its process', () => {
    const subflow = line('10.0.0.9 81', '10.0.0.2 50001', 100);
    tree.set(7, {...holding(100), tcp: HEADER + ACCEPTED + subflow});
    assert.deepEqual(
      listSocketsOfProc(tree.root).map(({pid, lport, inode}) => [pid, lport, inode]),
      [
        [7, 80, 100],
        [7, 81, 100],
      ],
    );
  });
});
