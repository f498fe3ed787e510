import assert from 'node:assert/strict';
import {ofOne, ofPair} from '#dist/aggregate/join/connection.js';
import {addEvent, createSide, identityOf, type Side} from '#dist/aggregate/join/side.js';
import {addValue, createHistogram, quantileOf} from '#dist/aggregate/map/histogram.js';
import {type ConnectionMap, createMap} from '#dist/aggregate/map/map.js';
import {MAP_GROUPINGS, type MapGrouping} from '#dist/aggregate/map/node.js';
import {createNetworkOf, parseAggregation} from '#dist/cli/map/networks.js';
import {keepBusiest} from '#dist/format/map/busiest.js';
import {formatDot} from '#dist/format/map/dot.js';
import {formatMermaid} from '#dist/format/map/mermaid.js';
import {reportMap} from '#dist/format/map/report.js';
import {formatSvg} from '#dist/format/map/svg.js';
import {notationOf} from '#dist/format/notation.js';
import type {CloseEvent, ConnectionEvent} from '#dist/model/event.js';
import {createPaint} from '#dist/terminal/paint.js';
import {ACCEPT, CLOSE, CONNECT, FAIL} from './events.js';

const CLIENT = {
  ...CONNECT,
  ...{pid: 1, comm: 'curl', inode: 100, laddr: '10.0.0.1', lport: 40_000, raddr: '10.0.0.2', rport: 80},
  cgroup: '/user.slice/user-1000.slice/session-2.scope',
};
const SERVER = {
  ...ACCEPT,
  ...{pid: 2, comm: 'nginx', inode: 200, laddr: '10.0.0.2', lport: 80, raddr: '10.0.0.1', rport: 40_000},
  ...{cgroup: '/system.slice/nginx.service', container: 'c0ffee', container_name: 'web', pod: 'front'},
};

function sideOf(first: ConnectionEvent, host: string, end?: Partial<CloseEvent>): Side {
  const side = createSide(first, host, identityOf(first));
  if (end) addEvent(side, {...CLOSE, ...first, owner_pid: undefined, ...end, event: 'close'});
  return side;
}

/** @param isClosed both sockets are closed, with their totals */
const pair = (isClosed = true) =>
  ofPair(
    sideOf(CLIENT, 'a', isClosed ? {tx_bytes: 10, rx_bytes: 20, rtt_us: 50} : undefined),
    sideOf(SERVER, 'b', isClosed ? {tx_bytes: 20, rx_bytes: 10} : undefined),
  );

/** Returns edges as `FROM > TO`. */
function edgesOf({nodes, edges}: ConnectionMap): readonly string[] {
  return edges.map(
    ({from, to}) => `${nodes[from]?.name ?? nodes[from]?.kind ?? ''} > ${nodes[to]?.name ?? ''}`,
  );
}

function mapBy(grouping: MapGrouping, ...connections: ReturnType<typeof pair>[]): ConnectionMap {
  const map = createMap({grouping});
  for (const connection of connections) map.add(connection);
  return map.build();
}

describe('map', () => {
  const EDGES: Readonly<Record<MapGrouping, string>> = {
    process: 'curl > nginx',
    program: 'curl > nginx',
    unit: 'session-2.scope > nginx.service',
    container: 'a > web',
    pod: 'a > front',
    host: 'a > b',
  };
  for (const grouping of MAP_GROUPINGS) {
    it(`by ${grouping}`, () => {
      const map = mapBy(grouping, pair(), pair());
      assert.deepEqual(edgesOf(map), [EDGES[grouping]]);
      assert.equal(map.edges[0]?.connections, 2);
    });
  }

  it('sums up: bytes from opener to acceptor, open, failures by error', () => {
    const fails = [FAIL, FAIL, {...FAIL, error: 'ETIMEDOUT'}].map((event) =>
      ofOne(sideOf({...CLIENT, ...event, pid: 1, raddr: '10.0.0.2', rport: 81}, 'a')),
    );
    const map = mapBy('process', pair(), pair(false), ...fails);
    const [edge, failed] = map.edges;
    assert.deepEqual(
      [edge?.connections, edge?.open, edge?.txBytes, edge?.rxBytes, edge?.ports],
      [2, 1, 10, 20, [80]],
    );
    assert.deepEqual(edge?.latency, {median: 1240, p95: 1240});
    assert.deepEqual(edge.rtt, {median: 50, p95: 50});
    assert.deepEqual(
      [...(failed?.failures ?? [])],
      [
        ['ECONNREFUSED', 2],
        ['ETIMEDOUT', 1],
      ],
    );
    assert.deepEqual(edgesOf(map), ['curl > nginx', 'curl > 10.0.0.2']);
  });

  it('an acceptor alone has its bytes in the direction of the edge', () => {
    const map = mapBy('process', ofOne(sideOf(SERVER, 'b', {tx_bytes: 20, rx_bytes: 10})));
    assert.deepEqual(edgesOf(map), ['10.0.0.1 > nginx']);
    assert.deepEqual([map.edges[0]?.txBytes, map.edges[0]?.rxBytes], [10, 20]);
  });

  it('peers outside: by name, by network, and this host for loopback', () => {
    const map = createMap({grouping: 'process', networkOf: createNetworkOf({ipv4: 24, ipv6: 64})});
    for (const more of [
      {raddr: '192.0.2.77'},
      {raddr: '192.0.2.78'},
      {raddr: '2001:db8:1:2:3::4', family: 6 as const},
      {raddr: '192.0.2.79', raddr_name: 'db.example'},
      {raddr: '127.0.0.1'},
    ])
      map.add(ofOne(sideOf({...CLIENT, ...more}, 'a')));
    assert.deepEqual(edgesOf(map.build()), [
      'curl > 192.0.2.0/24',
      'curl > 2001:db8:1:2::/64',
      'curl > db.example',
      'curl > a',
    ]);
  });

  it('the limit of nodes: others', () => {
    const map = createMap({grouping: 'process'});
    for (let pid = 1; pid <= 10_100; pid++) map.add(ofOne(sideOf({...CLIENT, pid}, 'a')));
    const {nodes, edges} = map.build();
    assert.equal(nodes.length, 10_001);
    assert.equal(
      edges.reduce((sum, {connections}) => sum + connections, 0),
      10_100,
    );
  });

  it('listeners are nodes, and rows only if nobody talks to them', () => {
    const map = createMap({grouping: 'process'});
    map.add(pair());
    map.listen({...SERVER, host: 'b'}, '0.0.0.0:80');
    map.listen({host: 'b', pid: 9, comm: 'idle'}, '[::]:22');
    const {records, formatTable} = reportMap(map.build(), 0);
    assert.deepEqual(records.at(-1), {to: 'b 9 idle', listening: ['[::]:22']});
    assert.equal(records.length, 2);
    const options = {
      ...{paint: createPaint(0), notation: notationOf(false)},
      ...{width: undefined, columns: undefined, header: true, isWide: true},
    };
    assert.match([...formatTable(options)].join(''), /\n- +b 9 idle +\[::\]:22 +-/);
  });
});

describe('histogram', () => {
  it('is exact for small numbers and within 1 % for large ones', () => {
    const histogram = createHistogram();
    assert.equal(quantileOf(histogram, 0.5), undefined);
    for (let value = 0; value < 100; value++) addValue(histogram, value);
    assert.deepEqual([quantileOf(histogram, 0.5), quantileOf(histogram, 0.95)], [50, 95]);
    for (const value of [128, 1000, 123_456, 98_765_432_109]) {
      const single = createHistogram();
      addValue(single, value);
      const found = quantileOf(single, 0.5) ?? NaN;
      assert.ok(Math.abs(found - value) <= value / 100, `${String(value)}: ${String(found)}`);
    }
  });
});

describe('--aggregate', () => {
  it('parses prefix lengths', () => {
    assert.deepEqual(parseAggregation('24'), {ipv4: 24, ipv6: 64});
    assert.deepEqual(parseAggregation('0,128'), {ipv4: 0, ipv6: 128});
    for (const text of ['', '33', '24,129', '-1', '24,', 'x'])
      assert.throws(() => parseAggregation(text), text);
  });

  it('returns networks', () => {
    const networkOf = createNetworkOf({ipv4: 20, ipv6: 48});
    assert.deepEqual(['10.1.255.9', '2001:db8:ff:1::9', '::1'].map(networkOf), [
      '10.1.240.0/20',
      '2001:db8:ff::/48',
      '::/48',
    ]);
    assert.equal(createNetworkOf({ipv4: 0, ipv6: 0})('1.2.3.4'), '0.0.0.0/0');
  });
});

describe('pictures of a map', () => {
  const HOSTILE = '<script>alert("1")</script>\n\u202e&lt; \\N `x` ${y} ]; end "';
  const hostile = mapBy(
    'process',
    ofPair(sideOf({...CLIENT, comm: HOSTILE}, HOSTILE, {}), sideOf(SERVER, 'b', {})),
  );

  it('dot: hostile names are text', () => {
    const dot = formatDot(hostile);
    const [line = ''] = dot.split('\n').filter((it) => it.includes('n0 [label='));
    assert.match(line, /^ +n0 \[label="(?:[^"\\]|\\.)*", fillcolor="#dbeafe"\];$/);
    assert.ok(line.includes('&amp;lt;') && !dot.includes('\u202e'));
    assert.ok(line.includes('\\\\x0a'), line);
  });

  it('mermaid: hostile names are text', () => {
    const mermaid = formatMermaid(hostile);
    assert.doesNotMatch(mermaid, /<script|\u202e|`|\$|&lt;|\\/);
    for (const line of mermaid.trimEnd().split('\n')) assert.equal([...line.matchAll(/"/g)].length % 2, 0);
    assert.match(mermaid, /n0\["1 #60;script#62;alert/);
  });

  it('svg: hostile names are text', async () => {
    const svg = await formatSvg(hostile);
    assert.match(svg, /&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;/);
    assert.doesNotMatch(svg, /<script|\u202e/);
    assert.match(svg, /&amp;lt;/);
    assert.match(svg, /<\/svg>\n$/);
  });

  it('svg: a map without connections is a picture', async () => {
    assert.match(await formatSvg(createMap({grouping: 'process'}).build()), /<\/svg>\n$/);
  });

  it('svg: shows the busiest edges, and how many it leaves out', async () => {
    const map = createMap({grouping: 'process'});
    const from = (pid: number) => ofPair(sideOf({...CLIENT, pid}, 'a'), sideOf(SERVER, 'b'));
    for (let pid = 1000; pid < 2000; pid++) map.add(from(pid));
    for (let count = 0; count < 5; count++) map.add(from(1999));
    const all = map.build();
    const shown = keepBusiest(all, 10);
    assert.deepEqual([shown.nodes.length, shown.edges.length], [11, 10]);
    const [busiest] = shown.edges;
    assert.deepEqual([shown.nodes[busiest?.from ?? -1]?.pid, busiest?.connections], [1999, 6]);
    const svg = await formatSvg(all);
    assert.match(svg, /the busiest 150 of 1000 edges, 151 of 1001 nodes/);
    assert.match(svg, />1999 curl</);
  });

  it('an edge with failures only is drawn as such', () => {
    const failed = mapBy('process', ofOne(sideOf({...CLIENT, ...FAIL}, 'a')));
    assert.match(formatDot(failed), /label="443: 1 failed", color=/);
    assert.match(formatMermaid(failed), /-\.->\|"443: 1 failed"\|/);
  });
});
