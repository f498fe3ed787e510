import assert from 'node:assert/strict';
import fc from 'fast-check';
import {parseConntrackLine} from '#dist/sources/conntrack.js';
import {runs} from '../helpers/runs.js';

/** Output lines of conntrack 1.4.7. */
const REPLY = 'src=127.0.0.1 dst=127.0.0.1 sport=35379 dport=39376';
const line = (type: string, state: string, rest = ''): string =>
  `[1795471442.038743]\t${type} ipv4     2 tcp      6 ${state} src=127.0.0.1 dst=127.0.0.1 sport=39376 dport=35379 ${REPLY}${rest}`;

const ENDS = {family: 4, laddr: '127.0.0.1', lport: 39376, raddr: '127.0.0.1', rport: 35379} as const;

describe('conntrack lines', () => {
  it('ESTABLISHED: connect', () => {
    assert.deepEqual(parseConntrackLine(line(' [UPDATE]', '432000 ESTABLISHED', ' [ASSURED]')), {
      time: '2026-11-23T22:04:02.038743000Z',
      event: 'connect',
      source: 'conntrack',
      ...ENDS,
      direction: 'unknown',
      far: {laddr: '127.0.0.1', lport: 35379, raddr: '127.0.0.1', rport: 39376},
    });
  });

  it('TIME_WAIT, CLOSE or DESTROY: close', () => {
    for (const ended of [
      line(' [UPDATE]', '120 TIME_WAIT', ' [ASSURED]'),
      line(' [UPDATE]', '10 CLOSE', ' [ASSURED]'),
      line('[DESTROY]', '120 CLOSE'),
      line('[DESTROY]', ''),
    ])
      assert.equal(parseConntrackLine(ended)?.event, 'close', ended);
  });

  it('NAT: also the endpoints of the other socket', () => {
    const event = parseConntrackLine(
      '[1795471442.039100]\t [UPDATE] ipv4     2 tcp      6 432000 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=45052 dport=80 src=10.0.0.3 dst=10.0.0.9 sport=8080 dport=1024 [ASSURED]',
    );
    assert.ok(event);
    const {laddr, lport, raddr, rport, far} = event;
    assert.deepEqual([laddr, lport, raddr, rport], ['10.0.0.1', 45_052, '10.0.0.2', 80]);
    assert.deepEqual(far, {laddr: '10.0.0.3', lport: 8080, raddr: '10.0.0.9', rport: 1024});
  });

  it('IPv6', () => {
    const event = parseConntrackLine(
      '[1795471442.039100]\t [UPDATE] ipv6     10 tcp      6 432000 ESTABLISHED src=::1 dst=fe80::1 sport=45052 dport=52531 src=fe80::1 dst=::1 sport=52531 dport=45052',
    );
    assert.deepEqual([event?.family, event?.laddr, event?.raddr], [6, '::1', 'fe80::1']);
  });

  it('other lines: no event', () => {
    for (const other of [
      '',
      line('    [NEW]', '120 SYN_SENT', ' [UNREPLIED]'),
      line(' [UPDATE]', '60 SYN_RECV'),
      line(' [UPDATE]', '120 FIN_WAIT', ' [ASSURED]'),
      line(' [UPDATE]', '432000 ESTABLISHED').replace('tcp ', 'udp '),
    ])
      assert.equal(parseConntrackLine(other), undefined, other);
  });

  it('any text: never throws', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), fc.nat(200), (text, at) => {
        const whole = line(' [UPDATE]', '432000 ESTABLISHED');
        parseConntrackLine(text);
        parseConntrackLine(whole.slice(0, at) + text + whole.slice(at));
      }),
      runs(2000),
    );
  });
});
