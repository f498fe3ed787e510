import assert from 'node:assert/strict';
import fc from 'fast-check';
import {decodeSockets} from '#dist/kernel/decode-sockets.js';
import {EVENT_SIZE} from '#dist/kernel/layout.js';
import {TcpState} from '#dist/model/state.js';
import {IN, record, type RecordFields, TYPE} from './record.js';

const MAPPED = Buffer.from('00000000000000000000ffff7f000001', 'hex');

function socket(fields: RecordFields): Buffer {
  return record({type: TYPE.open, pid: 7, inode: 1, state: TcpState.ESTABLISHED, ...fields});
}

describe('decoding of socket records', () => {
  it('a connection, and a listener without a remote endpoint', () => {
    const ends = {laddr: Buffer.of(127, 0, 0, 1), lport: 80, netns: 3, uid: 5, comm: Buffer.from('a b')};
    const common = {source: 'ebpf', pid: 7, comm: 'a b', uid: 5, family: 4, laddr: '127.0.0.1', lport: 80};
    assert.deepEqual(
      decodeSockets(
        Buffer.concat([
          socket({...ends, raddr: Buffer.of(10, 0, 0, 1), rport: 9, direction: IN}),
          socket({...ends, inode: 2, state: TcpState.LISTEN}),
        ]),
      ),
      [
        {...common, state: 'ESTABLISHED', raddr: '10.0.0.1', rport: 9, direction: 'in', netns: 3, inode: 1},
        {...common, state: 'LISTEN', netns: 3, inode: 2},
      ],
    );
  });

  it('a listener at an IPv4-mapped address is IPv4, at :: it is IPv6', () => {
    const listener = {family: 6, state: TcpState.LISTEN};
    const [mapped, any] = decodeSockets(
      Buffer.concat([socket({...listener, laddr: MAPPED}), socket({...listener, inode: 2})]),
    );
    assert.deepEqual([mapped?.family, mapped?.laddr, any?.family, any?.laddr], [4, '127.0.0.1', 6, '::']);
  });

  it('several descriptors of a process are one socket, those of two processes are two', () => {
    const records = [socket({}), socket({}), socket({pid: 8}), socket({inode: 2})];
    assert.deepEqual(
      decodeSockets(Buffer.concat(records)).map(({pid, inode}) => [pid, inode]),
      [
        [7, 1],
        [8, 1],
        [7, 2],
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
        ['ESTABLISHED', 7, 'a', 3, 1],
        ['TIME_WAIT', undefined, undefined, 4, undefined],
        ['LISTEN', undefined, undefined, 3, 2],
        ['ESTABLISHED', 7, 'a', 3, 1],
      ],
    );
  });

  it('rejects records of another build', () => {
    assert.throws(() => decodeSockets(socket({}).subarray(1)), /mixed build: a batch of 207 bytes/);
    assert.throws(() => decodeSockets(socket({version: 6})), /mixed build: a record of version 6/);
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
