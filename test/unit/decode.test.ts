import assert from 'node:assert/strict';
import fc from 'fast-check';
import {checkLayout, createDecoder} from '#dist/kernel/decode.js';
import {TcptraceError} from '#dist/model/errors.js';
import type {ConnectionEvent} from '#dist/model/event.js';
import {batch, ELAPSED, FULL, IN, NUMBERS, OUT, record, type RecordFields, TOTALS, TYPE} from './record.js';

function decodeOne(fields: RecordFields): ConnectionEvent {
  const [event, ...more] = createDecoder('fentry')(batch(record(fields)));
  assert.ok(event);
  assert.deepEqual(more, []);
  return event;
}

/** Removes undefined fields. */
function known(fields: RecordFields): unknown {
  return JSON.parse(JSON.stringify(decodeOne(fields)));
}

const WHERE = {
  family: 4,
  laddr: '10.1.2.3',
  lport: 65_535,
  raddr: '192.168.255.0',
  rport: 443,
  zone: '4000000005',
  ifindex: 4_000_000_005,
  netns: 4_026_531_840,
  inode: 0x1_2345_6789,
  cgroup_id: 0x5_0000_0004,
};
/** Digits of the number 7 * 2^32 + 6. */
const FLOW = '0000000700000006';
const WHO = {pid: 4_000_001, comm: 'curl', uid: 4_294_967_294, thread: 'worker'};
const TIME = '2026-11-23T15:51:02.123456789Z';

describe('decode', () => {
  describe('decodes every field of', () => {
    it('connect', () => {
      assert.deepStrictEqual(known({...FULL, type: TYPE.connect}), {
        time: TIME,
        event: 'connect',
        source: 'fentry',
        ...WHO,
        ...WHERE,
        flow: FLOW,
        direction: 'out',
        latency_us: 0x2_0000_0001,
        syn_retrans: 4_000_000_004,
      });
    });

    it('accept', () => {
      assert.deepStrictEqual(known({...FULL, type: TYPE.accept, direction: IN}), {
        time: TIME,
        event: 'accept',
        source: 'fentry',
        ...WHO,
        ...WHERE,
        flow: FLOW,
        direction: 'in',
        accept_delay_us: 0x2_0000_0001,
        syn_retrans: 4_000_000_004,
      });
    });

    it('open', () => {
      const expected = {
        time: TIME,
        event: 'open',
        source: 'fentry',
        ...WHO,
        ...WHERE,
        flow: FLOW,
        direction: 'in',
      };
      assert.deepStrictEqual(known({...FULL, type: TYPE.open, direction: IN}), expected);
    });

    it('close', () => {
      assert.deepStrictEqual(known({...FULL, type: TYPE.close}), {
        time: TIME,
        event: 'close',
        source: 'fentry',
        ...WHO,
        owner_pid: 4_000_002,
        owner_comm: 'fifteen letters',
        owner_uid: 4_294_967_293,
        ...WHERE,
        flow: FLOW,
        direction: 'out',
        duration_us: 0x2_0000_0001,
        tx_bytes: 0x3_0000_0002,
        rx_bytes: 0x4_0000_0003,
        rtt_us: 4_000_000_003,
        retrans: 4_000_000_004,
        ended_by: 'remote-reset',
        opener: {
          pid: 4_000_002,
          uid: 4_294_967_293,
          comm: 'fifteen letters',
          thread: 'opener',
          cgroup_id: 0x6_0000_0005,
        },
      });
    });

    it('update', () => {
      // struct numbers is in place of the owner's cgroup and names
      const numbers = Buffer.alloc(40);
      numbers.writeBigUInt64LE(0x1_0000_0001n);
      for (const [index, value] of [11, 12, 13, 14, 15, 16, 17].entries())
        numbers.writeUInt32LE(value, 8 + 4 * index);
      const bytes = record({...FULL, type: TYPE.update, state: 8, known: TOTALS | NUMBERS});
      numbers.copy(bytes, 48);
      const [event] = createDecoder('fentry')(batch(bytes));
      assert.deepStrictEqual(JSON.parse(JSON.stringify(event)), {
        time: TIME,
        event: 'update',
        source: 'fentry',
        ...WHO,
        ...WHERE,
        flow: FLOW,
        direction: 'out',
        tx_bytes: 0x3_0000_0002,
        rx_bytes: 0x4_0000_0003,
        rtt_us: 4_000_000_003,
        retrans: 4_000_000_004,
        state: 'close-wait',
        rttvar_us: 11,
        min_rtt_us: 12,
        cwnd: 13,
        delivery_rate_bps: 0x8_0000_0008,
        unacked: 14,
        tx_queue_bytes: 15,
        rx_queue_bytes: 16,
        reordered: 17,
      });
    });

    it('update of MPTCP, which has no such numbers', () => {
      const expected = {
        time: TIME,
        event: 'update',
        source: 'fentry',
        ...WHO,
        ...WHERE,
        flow: FLOW,
        direction: 'out',
      };
      assert.deepStrictEqual(known({...FULL, rtt_us: 0, type: TYPE.update, state: 1, known: 0}), {
        ...expected,
        state: 'established',
      });
    });

    it('fail', () => {
      assert.deepStrictEqual(known({...FULL, type: TYPE.fail}), {
        time: TIME,
        event: 'fail',
        source: 'fentry',
        ...WHO,
        ...WHERE,
        latency_us: 0x2_0000_0001,
        syn_retrans: 4_000_000_004,
        error: 'ECONNREFUSED',
      });
    });
  });

  describe('omits fields that the kernel does not know', () => {
    const remote = {raddr: Uint8Array.of(127, 0, 0, 1), rport: 1};
    for (const event of ['connect', 'accept', 'close', 'open', 'fail'] as const) {
      it(`in ${event}`, () => {
        assert.deepStrictEqual(known({...remote, type: TYPE[event], uid: 0}), {
          time: '1970-01-01T00:00:00.000000000Z',
          event,
          source: 'fentry',
          family: 4,
          raddr: '127.0.0.1',
          rport: 1,
          ...(event === 'fail' ? {} : {direction: 'unknown'}),
        });
      });
    }

    it('keeps 0 if the kernel marks it as known', () => {
      const event = known({type: TYPE.close, pid: 1, known: ELAPSED | TOTALS}) as Record<string, unknown>;
      const {uid, comm, duration_us, tx_bytes, rx_bytes, retrans, rtt_us} = event;
      assert.deepEqual(
        {uid, comm, duration_us, tx_bytes, rx_bytes, retrans, rtt_us},
        {uid: 0, comm: '', duration_us: 0, tx_bytes: 0, rx_bytes: 0, retrans: 0, rtt_us: undefined},
      );
    });
  });

  it('decodes ended_by', () => {
    const names = [0, 1, 2, 3, 4, 5, 6, 255].map((code) => {
      const event = decodeOne({type: TYPE.close, ended_by: code});
      return event.event === 'close' ? event.ended_by : 'no close';
    });
    const ends = ['local', 'remote', 'local-reset', 'remote-reset', 'timeout'];
    assert.deepEqual(names, [undefined, ...ends, undefined, undefined]);
  });

  it('decodes error names', () => {
    const names = [110, 113, 101, 104, 125, 524].map((error) => {
      const event = decodeOne({type: TYPE.fail, error});
      return event.event === 'fail' ? event.error : 'no fail';
    });
    assert.deepEqual(names, [
      'ETIMEDOUT',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ECONNRESET',
      'ECANCELED',
      'errno 524',
    ]);
  });

  it('keeps 64-bit numbers exact up to 2^53', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (inode, elapsed_us) => {
        const event = decodeOne({type: TYPE.connect, inode, elapsed_us, known: ELAPSED});
        assert.ok(event.event === 'connect');
        assert.equal(event.inode, inode === 0 ? undefined : inode);
        assert.equal(event.latency_us, elapsed_us);
      }),
    );
  });

  it('decodes a batch in order, at any alignment', () => {
    const records = [1, 2, 3].map((rport) => record({...FULL, type: TYPE.accept, rport}));
    const expected = createDecoder('kprobe')(batch(Buffer.concat(records)));
    assert.deepEqual(
      expected.map(({rport, source}) => [rport, source]),
      [
        [1, 'kprobe'],
        [2, 'kprobe'],
        [3, 'kprobe'],
      ],
    );
    for (const shift of [1, 2, 3, 5, 7, 8]) {
      const shifted = Buffer.concat([Buffer.alloc(shift, 0xff), ...records, Buffer.of(0xff)]);
      const bytes = shifted.subarray(shift, -1);
      assert.deepEqual(createDecoder('kprobe')(batch(bytes)), expected, `shifted by ${String(shift)}`);
    }
    assert.deepEqual(createDecoder('kprobe')(batch(Buffer.alloc(0))), []);
  });

  describe('rejects a record of another build:', () => {
    const isMixedBuild = (error: unknown): boolean =>
      error instanceof TcptraceError &&
      error.exitCode === 1 &&
      error.message.startsWith('mixed build: ') &&
      error.hint !== undefined;

    const wrong: Record<string, Buffer> = {
      'half a record': record({type: TYPE.open}).subarray(0, 143),
      'a record and a byte': Buffer.concat([record({type: TYPE.open}), Buffer.of(0)]),
      'another version': record({type: TYPE.open, version: 8}),
      'no version': record({type: TYPE.open, version: 0}),
      'no type': record({type: 0}),
      'an unknown type': record({type: 8}),
      'an update in no state': record({type: TYPE.update}),
    };
    for (const [what, records] of Object.entries(wrong)) {
      it(what, () => {
        assert.throws(() => createDecoder('fentry')(batch(records)), isMixedBuild);
      });
    }

    it('addon with another record size or version', () => {
      checkLayout(208, 7);
      assert.throws(() => {
        checkLayout(136, 1);
      }, isMixedBuild);
      assert.throws(() => {
        checkLayout(208, 8);
      }, isMixedBuild);
    });
  });

  it('decodes directions', () => {
    const directions = [0, OUT, IN, 3].map((direction) => {
      const event = decodeOne({type: TYPE.open, direction});
      return event.event === 'open' ? event.direction : 'no open';
    });
    assert.deepEqual(directions, ['unknown', 'out', 'in', 'unknown']);
  });
});
