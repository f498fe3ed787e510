import assert from 'node:assert/strict';
import {compileEndpoints, type Endpoints, type EndpointTest, parseNetwork} from '#dist/filter/endpoints.js';
import {TcptraceError} from '#dist/model/errors.js';

const ENDS: Endpoints = {laddr: '10.1.2.3', lport: 40_000, raddr: 'fd00::1', rport: 443};

function holds(test: EndpointTest, ends: Endpoints = ENDS): boolean {
  const isMet = compileEndpoints({kind: 'include', tests: [test]})(ends);
  assert.equal(compileEndpoints({kind: 'exclude', tests: [test]})(ends), !isMet);
  return isMet;
}

describe('endpoint filters', () => {
  it('match a port or a range at one endpoint or either', () => {
    const cases: [EndpointTest['endpoint'], readonly [number, number], boolean][] = [
      ['local', [40_000, 40_000], true],
      ['local', [443, 443], false],
      ['remote', [443, 500], true],
      ['remote', [1, 442], false],
      ['either', [443, 443], true],
      ['either', [40_000, 65_535], true],
      ['either', [444, 39_999], false],
    ];
    for (const [end, ports, verdict] of cases)
      assert.equal(holds({endpoint: end, ports}), verdict, String([end, ports]));
  });

  it('match a network of any prefix length', () => {
    const cases: [EndpointTest['endpoint'], string, boolean][] = [
      ['local', '10.1.2.3', true],
      ['local', '10.1.2.2/31', true],
      ['local', '10.1.2.4/30', false],
      ['local', '0.0.0.0/0', true],
      ['local', '::ffff:10.1.2.3', true],
      ['local', '0::FFFF:0a01:0204/127', false],
      ['either', '::ffff:10.0.0.0/104', true],
      ['local', '::ffff:0:0/96', true],
      ['local', '::ffff:0:0/95', false],
      ['local', '::/0', false],
      ['remote', 'fd00::/127', true],
      ['remote', 'fd00::2/127', false],
      ['remote', '0.0.0.0/0', false],
      ['either', 'fd00::1', true],
      ['either', '10.0.0.0/8', true],
      ['either', '11.0.0.0/8', false],
    ];
    for (const [end, text, verdict] of cases)
      assert.equal(holds({endpoint: end, network: parseNetwork(text)}), verdict, String([end, text]));
  });

  it('match port and network at the same endpoint', () => {
    const network = parseNetwork('10.0.0.0/8');
    assert.equal(holds({endpoint: 'either', network, ports: [40_000, 40_000]}), true);
    assert.equal(holds({endpoint: 'either', network, ports: [443, 443]}), false);
  });

  it('do not match unknown endpoints', () => {
    const unbound: Endpoints = {raddr: '10.0.0.1', rport: 80};
    assert.equal(holds({endpoint: 'local', network: parseNetwork('0.0.0.0/0')}, unbound), false);
    assert.equal(holds({endpoint: 'local', ports: [1, 65_535]}, unbound), false);
    assert.equal(holds({endpoint: 'either', ports: [80, 80]}, unbound), true);
  });

  it('match a zone by name or number, at link-local addresses only', () => {
    const ends: Endpoints = {
      laddr: 'fe80::1',
      lport: 1,
      raddr: 'fe80::2',
      rport: 2,
      zone: 'eth0',
      ifindex: 3,
    };
    const cases: [EndpointTest['endpoint'], string, boolean][] = [
      ['local', 'fe80::1%eth0', true],
      ['local', 'fe80::2%eth0', false],
      ['remote', 'fe80::/10%eth0', true],
      ['remote', 'fe80::%eth0/10', true],
      ['either', 'FE80::2%eth0/128%eth0', true],
      ['either', 'fe80::2%3', true],
      ['either', 'fe80::2%2', false],
      ['either', 'fe80::2%eth1', false],
      ['either', 'fe80::/10', true],
    ];
    for (const [end, text, verdict] of cases)
      assert.equal(holds({endpoint: end, network: parseNetwork(text)}, ends), verdict, String([end, text]));
    const network = parseNetwork('fe80::/10%3');
    // as in a recording, or if the name is unknown
    assert.equal(holds({endpoint: 'local', network}, {...ends, zone: '3', ifindex: undefined}), true);
    assert.equal(holds({endpoint: 'local', network}, {...ends, zone: undefined, ifindex: undefined}), false);
  });

  it('reject invalid addresses and networks', () => {
    for (const text of [
      '',
      'x',
      '10.0.0.0/33',
      '::1/129',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '1.2.3',
      'fe80::1%',
      'fe80::1%a%b',
      'fe80::1%a/64%b',
      'fe80::1%sixteen-letters-',
      'fe80::/9%eth0',
      'fec0::1%eth0',
      'fd00::1%eth0',
      '10.0.0.1%eth0',
      '::ffff:169.254.0.1%eth0',
    ])
      assert.throws(() => parseNetwork(text), TcptraceError, text);
  });
});
