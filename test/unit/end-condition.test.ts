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

  it('reject invalid addresses and networks', () => {
    for (const text of [
      '',
      'x',
      '10.0.0.0/33',
      '::1/129',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '1.2.3',
      'fe80::1%lo',
    ])
      assert.throws(() => parseNetwork(text), TcptraceError, text);
  });
});
