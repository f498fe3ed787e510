import assert from 'node:assert/strict';
import fc from 'fast-check';
import {createCompact} from '#dist/format/compact.js';
import {notationOf} from '#dist/format/notation.js';
import type {TraceEvent} from '#dist/model/event.js';
import {createPaint} from '#dist/terminal/paint.js';
import {ACCEPT, anyEvent, BARE, CLOSE, CONNECT, FAIL, LOST, OPEN, UPDATE} from './events.js';
import {UNPRINTABLE} from './printable.js';

/** Formats an event without its time. */
function sentence(event: TraceEvent, isExact = false): string {
  const {format} = createCompact(createPaint(0), {time: 'absolute', notation: notationOf(isExact)});
  const [, text = ''] = /^\d\d:\d\d:\d\d\.\d{3} (.*)\n$/.exec(format(event)) ?? [];
  return text;
}

describe('compact', () => {
  it('reads like a sentence', () => {
    const own = {...CLOSE, owner_pid: undefined, retrans: 0};
    assert.deepEqual(
      [CONNECT, ACCEPT, FAIL, OPEN, LOST].map((event) => sentence(event)),
      [
        'curl[4711] -> 10.0.0.2:443 connected after 1.23 ms',
        'curl[4711] <- 10.0.0.2:443 accepted after 42 us, 2 retransmissions',
        'curl[4711] -> 10.0.0.2:443 failed with ECONNREFUSED after 20 us, 1 retransmission',
        'curl[4711] -- 10.0.0.2:443 open since before the trace',
        '17 events lost',
      ],
    );
    const facts = 'after 12.3 s, sent 12 B, received 0 B';
    const ends = (['local', 'remote', 'local-reset', 'remote-reset', 'timeout', undefined] as const).map(
      (ended_by) => sentence({...own, ended_by}),
    );
    const expected = [
      ...[
        'closed by curl',
        'closed by the peer',
        'reset by curl',
        'reset by the peer',
        'timed out',
        'closed',
      ],
    ];
    assert.deepEqual(
      ends,
      expected.map((end) => `curl[4711] -> 10.0.0.2:443 ${end} ${facts}`),
    );
  });

  it('names the opener, and the process that closed', () => {
    assert.equal(
      sentence({...CLOSE, ended_by: 'local', duration_us: undefined, tx_bytes: 2048}),
      'parent[42] -> 10.0.0.2:443 closed by curl[4711], sent 2.00 KiB, received 0 B',
    );
  });

  it('has exact numbers on request', () => {
    assert.match(
      sentence({...UPDATE, tx_bytes: 123_456_789, rtt_us: 1234}, true),
      /, sent 123456789 B, received \d+ B, round-trip time 1\.234 ms/,
    );
  });

  it('leaves out what is unknown', () => {
    assert.equal(sentence(BARE), '- -- [2001:db8::1]:1 closed');
  });

  it('names the peer if it is known', () => {
    const peer = {
      peer_pid: 16_513,
      peer_comm: 'nginx\x1b',
      ended_by: 'remote',
      owner_pid: undefined,
    } as const;
    assert.match(
      sentence({...CLOSE, ...peer}),
      /^curl\[4711\] -> nginx\\x1b\[16513\] 10\.0\.0\.2:443 closed by nginx\\x1b after /,
    );
  });

  it('is one printable line for any event', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        assert.doesNotMatch(sentence(event), UNPRINTABLE);
        assert.notEqual(sentence(event), '');
      }),
    );
  });
});
