/** The data and the document of the page of a map. */
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {ofOne, ofPair} from '#dist/aggregate/join/connection.js';
import {addEvent, createSide, identityOf, type Side} from '#dist/aggregate/join/side.js';
import {createMap} from '#dist/aggregate/map/map.js';
import {createTimeline, extendTo, periodOf} from '#dist/aggregate/map/timeline.js';
import {describePage} from '#dist/format/map/page/describe.js';
import {formatDocument} from '#dist/format/map/page/document.js';
import type {ConnectionEvent} from '#dist/model/event.js';
import {ACCEPT, CLOSE, CONNECT, FAIL} from './events.js';

const SECOND = 1_000_000;
const START_US = Date.parse('2026-01-01T00:00:00Z') * 1000;

function timeAt(seconds: number): string {
  return new Date(START_US / 1000 + seconds * 1000).toISOString();
}

const CLIENT = {
  ...CONNECT,
  ...{pid: 1, comm: 'curl', inode: 100, laddr: '10.0.0.1', lport: 40_000, raddr: '10.0.0.2', rport: 80},
};
const SERVER = {
  ...ACCEPT,
  ...{pid: 2, comm: 'nginx', inode: 200, laddr: '10.0.0.2', lport: 80, raddr: '10.0.0.1', rport: 40_000},
  ...{container: 'c0ffee', container_name: 'web', pod: 'front', pod_namespace: 'shop'},
};

/** @param to second of its close; undefined is open */
function sideAt(first: ConnectionEvent, from: number, to?: number): Side {
  const side = createSide({...first, time: timeAt(from)}, 'a', identityOf(first));
  if (to !== undefined)
    addEvent(side, {...CLOSE, ...first, owner_pid: undefined, event: 'close', time: timeAt(to)});
  return side;
}

const pairAt = (from: number, to?: number) => ofPair(sideAt(CLIENT, from, to), sideAt(SERVER, from, to));

const withHistory = () => createMap({grouping: 'process', hasHistory: true});

describe('timeline', () => {
  it('has at most 120 periods, which double', () => {
    const timeline = createTimeline();
    extendTo(timeline, START_US);
    extendTo(timeline, START_US + 100 * SECOND);
    assert.equal(timeline.periodUs, SECOND);
    extendTo(timeline, START_US - 3600 * SECOND);
    assert.equal(timeline.periodUs, 32 * SECOND);
    assert.ok(periodOf(timeline, timeline.lastUs) - periodOf(timeline, timeline.firstUs) < 120);
  });
});

describe('data of the page', () => {
  it('an edge has the periods in which it had connections, also after the periods have doubled', () => {
    const map = withHistory();
    map.add(pairAt(0, 2));
    map.add(pairAt(10, 10));
    const runsOf = (): readonly (readonly number[])[] => {
      const {edges, timeline} = describePage(map.build(), 0);
      return (edges[0]?.runs ?? []).map((run) => run.map((period) => period - (timeline?.first ?? 0)));
    };
    assert.deepEqual(runsOf(), [
      [0, 2],
      [10, 10],
    ]);
    map.add(pairAt(1000, 1000));
    const [first, last] = runsOf();
    assert.deepEqual(
      [first, last],
      [
        [0, 0],
        [62, 62],
      ],
    );
  });

  it('a snapshot has pending connections, and leaves the map as it is', () => {
    const map = withHistory();
    map.add(pairAt(0, 2));
    const nowUs = START_US + 60 * SECOND;
    const {edges, timeline} = describePage(map.build({pending: [pairAt(30), pairAt(50)], nowUs}), 0);
    const [edge] = edges;
    assert.deepEqual([edge?.connections, edge?.open], [3, 2]);
    assert.equal((edge?.openSince ?? 0) - (timeline?.first ?? 0), 30);
    assert.equal((timeline?.last ?? 0) - (timeline?.first ?? 0), 60);
    assert.deepEqual(
      edge?.recent.map(({time, outcome}) => [time, outcome]),
      [
        [timeAt(50), 'open'],
        [timeAt(30), 'open'],
        [timeAt(0), 'closed'],
      ],
    );
    const [later] = describePage(map.build(), 0).edges;
    assert.deepEqual([later?.connections, later?.open, later?.openSince], [1, 0, undefined]);
  });

  it('an edge remembers its latest connections, and their errors', () => {
    const map = withHistory();
    for (let second = 0; second < 20; second++) map.add(pairAt(second, second));
    map.add(ofOne(sideAt({...CLIENT, ...FAIL, pid: 1, raddr: '192.0.2.1', rport: 81}, 30)));
    const [edge, failed] = describePage(map.build(), 0).edges;
    assert.equal(edge?.recent.length, 8);
    assert.equal(edge.recent[0]?.time, timeAt(19));
    assert.deepEqual(
      [failed?.recent[0]?.outcome, failed?.recent[0]?.to, failed?.fails],
      ['ECONNREFUSED', '192.0.2.1:81', 1],
    );
  });

  it('nodes have the groups that they are in; nodes without edges are left out', () => {
    const map = withHistory();
    map.add(pairAt(0, 2));
    // the peer of a pending connection is unknown until its own event arrives
    map.build({pending: [ofOne(sideAt({...CLIENT, raddr: '192.0.2.9'}, 0))], nowUs: START_US});
    const {nodes} = describePage(map.build(), 0);
    assert.deepEqual(
      nodes.map(({label, groups}) => [label, groups.pod, groups.container]),
      [
        ['1 curl', undefined, undefined],
        ['2 nginx', 'shop/front', 'web'],
      ],
    );
  });
});

describe('document of the page', () => {
  const HOSTILE = '</script><script>alert(1)</script><!--\u202e\u0007';
  const map = withHistory();
  map.add(
    ofPair(sideAt({...CLIENT, comm: HOSTILE}, 0, 1), sideAt({...SERVER, container_name: HOSTILE}, 0, 1)),
  );
  const state = describePage(map.build(), 0);
  const {html, policy} = formatDocument(state);

  it('hostile names cannot end the element of the data, and have no control characters', () => {
    const [, data = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html) ?? [];
    assert.deepEqual(JSON.parse(data), JSON.parse(JSON.stringify(state)));
    assert.doesNotMatch(data, /[<\u202e\u0007]/);
    assert.equal(html.match(/<script/g)?.length, 2);
  });

  it('loads nothing: the policy has the hashes of its script and style, and allows nothing else', () => {
    const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const [, script = ''] = /<script>(.*)<\/script>/s.exec(html) ?? [];
    const [, style = ''] = /<style[^>]*>(.*?)<\/style>/s.exec(html) ?? [];
    assert.equal(
      policy,
      `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; img-src data:; base-uri 'none'; form-action 'none'`,
    );
    assert.ok(html.includes(`content="${policy}"`));
    assert.doesNotMatch(html.replace(script, ''), /(?:src|href)=(?!"data:,")/);
  });

  it('only a live page may connect, and only to its server', () => {
    const live = formatDocument(undefined);
    assert.match(live.policy, /connect-src 'self';/);
    assert.match(live.html, /id="data">\{"live":true\}</);
  });
});
