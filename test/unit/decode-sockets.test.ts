import assert from 'node:assert/strict';
import fc from 'fast-check';
import {decodeSockets} from '#dist/kernel/decode-sockets.js';
import {EVENT_SIZE} from '#dist/kernel/layout.js';
import {TcpState} from '#dist/model/state.js';
import type {OpenSocket} from '#dist/model/socket.js';
import {IN, NUMBERS, record, type RecordFields, TOTALS, TYPE} from './record.js';

const MAPPED = Buffer.from('00000000000000000000ffff7f000001', 'hex');

function socket(fields: RecordFields): Buffer {
  return record({type: TYPE.open, pid: 7, inode: 1, state: TcpState.ESTABLISHED, ...fields});
}

/** Returns the decoded sockets without unknown fields. */
function known(...records: readonly Buffer[]): unknown {
  return JSON.parse(JSON.stringify(decodeSockets(Buffer.concat(records))));
}

const IDENTITY = new Set(
  'source state pid comm uid fds family laddr lport raddr rport netns inode direction'.split(' '),
);

/** Returns the fields that listings have in addition to those of `open` events. */
function pickNumbers(socket: OpenSocket = {} as OpenSocket): unknown {
  return Object.fromEntries(Object.entries(socket).filter(([name]) => !IDENTITY.has(name)));
}

/** Builds `struct listed` of bpf/event.h, which is in place of the thread's name. */
function listed(fd: number, timer = 0, timerMs = 0, retrans = 0): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(fd);
  bytes.writeUInt32LE(timerMs, 4);
  return Buffer.concat([bytes.subarray(0, 8), Buffer.of(timer, retrans), bytes.subarray(10)]);
}

/** Builds a record with `struct numbers`, which is in place of the owner's cgroup and names. */
function withNumbers(fields: RecordFields, rate: number, ...numbers: readonly number[]): Buffer {
  const bytes = socket(fields);
  bytes.writeBigUInt64LE(BigInt(rate), 48);
  for (const [index, value] of numbers.entries()) bytes.writeUInt32LE(value, 56 + 4 * index);
  return bytes;
}

describe('decoding of socket records', () => {
  it('a connection, and a listener without a remote endpoint', () => {
    const ends = {laddr: Buffer.of(127, 0, 0, 1), lport: 80, netns: 3, uid: 5, comm: Buffer.from('a b')};
    const common = {source: 'ebpf', pid: 7, comm: 'a b', uid: 5, family: 4, laddr: '127.0.0.1', lport: 80};
    assert.deepEqual(
      decodeSockets(
        Buffer.concat([
          socket({...ends, raddr: Buffer.of(10, 0, 0, 1), rport: 9, direction: IN, thread: listed(5)}),
          socket({...ends, inode: 2, state: TcpState.LISTEN, thread: listed(0), ifindex: 4}),
        ]),
        (ifindex, netns, pid) => `link ${[ifindex, netns, pid].join(' ')}`,
      ).map((it) => JSON.parse(JSON.stringify(it)) as unknown),
      [
        {
          ...common,
          state: 'established',
          raddr: '10.0.0.1',
          rport: 9,
          direction: 'in',
          netns: 3,
          inode: 1,
          fds: [5],
        },
        {...common, state: 'listening', netns: 3, inode: 2, fds: [0], zone: 'link 4 3 7', ifindex: 4},
      ],
    );
  });

  it('numbers and timer of a connection; those of MPTCP are its totals', () => {
    const totals = {tx_bytes: 1 << 20, rx_bytes: 10, rtt_us: 250, retrans: 2, known: TOTALS};
    const numbers = [40, 200, 10, 3, 5000, 60, 1, 0] as const;
    const full = withNumbers(
      {...totals, known: TOTALS | NUMBERS, thread: listed(3, 1, 204, 2)},
      1_000_000,
      ...numbers,
    );
    const [tcp, mptcp, none] = known(full, socket({...totals, inode: 2}), socket({inode: 3})) as OpenSocket[];
    const common = {tx_bytes: 1 << 20, rx_bytes: 10, rtt_us: 250, retrans: 2};
    assert.deepEqual(pickNumbers(tcp), {
      ...common,
      rttvar_us: 40,
      min_rtt_us: 200,
      cwnd: 10,
      delivery_rate_bps: 8_000_000,
      unacked: 3,
      tx_queue_bytes: 5000,
      rx_queue_bytes: 60,
      reordered: 1,
      timer: 'on',
      timer_ms: 204,
      timer_retrans: 2,
    });
    assert.deepEqual([pickNumbers(mptcp), pickNumbers(none)], [common, {}]);
  });

  it('zeros that stand for unknown values are absent, others are not', () => {
    const [zeros] = known(withNumbers({known: TOTALS | NUMBERS}, 0)) as OpenSocket[];
    assert.deepEqual(pickNumbers(zeros), {
      tx_bytes: 0,
      rx_bytes: 0,
      retrans: 0,
      unacked: 0,
      tx_queue_bytes: 0,
      rx_queue_bytes: 0,
      reordered: 0,
    });
  });

  it('the backlog of a listener', () => {
    const listener = withNumbers({state: TcpState.LISTEN, known: NUMBERS}, 0, 0, 0, 0, 0, 128, 3);
    assert.deepEqual((known(listener) as OpenSocket[]).map(pickNumbers), [{backlog: 3, backlog_max: 128}]);
  });

  it('a listener at an IPv4-mapped address is IPv4, at :: it is IPv6', () => {
    const listener = {family: 6, state: TcpState.LISTEN};
    const [mapped, any] = decodeSockets(
      Buffer.concat([socket({...listener, laddr: MAPPED}), socket({...listener, inode: 2})]),
    );
    assert.deepEqual([mapped?.family, mapped?.laddr, any?.family, any?.laddr], [4, '127.0.0.1', 6, '::']);
  });

  it('several descriptors of a process are one socket, those of two processes are two', () => {
    const records = [
      socket({thread: listed(7)}),
      socket({thread: listed(3)}),
      socket({pid: 8, thread: listed(3)}),
      socket({inode: 2, thread: listed(4)}),
      // the second walk
      socket({thread: listed(7)}),
      socket({thread: listed(5)}),
    ];
    assert.deepEqual(
      decodeSockets(Buffer.concat(records)).map(({pid, inode, fds}) => [pid, inode, fds]),
      [
        [7, 1, [3, 5, 7]],
        [8, 1, [3]],
        [7, 2, [4]],
      ],
    );
  });

  it('records without a pid: sockets that no process holds, and further subflows', () => {
    const tuple = {lport: 80, rport: 9, netns: 3};
    const comm = Buffer.from('a');
    const records = [
      socket({...tuple, comm}),
      // the same socket, and what its connection became meanwhile
      socket({...tuple, pid: 0}),
      socket({...tuple, pid: 0, inode: 0, state: TcpState.TIME_WAIT}),
      // another namespace, another inode, another subflow
      socket({...tuple, pid: 0, inode: 0, netns: 4, state: TcpState.TIME_WAIT}),
      socket({...tuple, pid: 0, inode: 2, state: TcpState.LISTEN}),
      socket({...tuple, pid: 0, rport: 10}),
    ];
    assert.deepEqual(
      decodeSockets(Buffer.concat(records)).map(({state, pid, comm, netns, inode}) => [
        state,
        pid,
        comm,
        netns,
        inode,
      ]),
      [
        ['established', 7, 'a', 3, 1],
        ['time-wait', undefined, undefined, 4, undefined],
        ['listening', undefined, undefined, 3, 2],
        ['established', 7, 'a', 3, 1],
      ],
    );
  });

  it('rejects records of another build', () => {
    assert.throws(() => decodeSockets(socket({}).subarray(1)), /mixed build: a batch of 207 bytes/);
    assert.throws(() => decodeSockets(socket({version: 8})), /mixed build: a record of version 8/);
    assert.throws(() => decodeSockets(socket({state: 13})), /mixed build: a socket in the unknown state 13/);
  });

  it('any bytes: decodes or rejects them', () => {
    fc.assert(
      fc.property(fc.uint8Array({minLength: EVENT_SIZE, maxLength: EVENT_SIZE}), (bytes) => {
        try {
          assert.equal(decodeSockets(Buffer.from(bytes)).length, 1);
        } catch (error) {
          assert.match(String(error), /mixed build/);
        }
      }),
    );
  });
});
