/** The server of a live page: addresses, refusals, changes, and pages that read slowly. */
import assert from 'node:assert/strict';
import {createChanges} from '#dist/cli/map/serve/changes.js';
import {checkRequest} from '#dist/cli/map/serve/guard.js';
import {parseListenAddress} from '#dist/cli/flags/parse/listen-address.js';
import {createViewers, MAX_VIEWERS} from '#dist/cli/map/serve/viewers.js';
import type {PageEdge, PageNode, PageState} from '#dist/format/map/page/state.js';

describe('address of a server', () => {
  it('has an address and a port', () => {
    assert.deepEqual(parseListenAddress('127.0.0.1:8080'), {host: '127.0.0.1', port: 8080});
    assert.deepEqual(parseListenAddress('[::1]:0'), {host: '::1', port: 0});
    assert.deepEqual(parseListenAddress('8080'), {host: '127.0.0.1', port: 8080});
    for (const text of [
      '',
      '::1:80',
      'name:80',
      '[]:80',
      ':80',
      '127.0.0.1:65536',
      '[127.0.0.1]:80',
      '127.0.0.1:',
    ])
      assert.throws(() => parseListenAddress(text), /invalid value/, text);
  });
});

describe('requests for the page', () => {
  const check = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
    checkRequest({method, url, headers: {host: '127.0.0.1:8080', ...headers}}, 'secret');

  it('need the token', () => {
    assert.equal(check('/secret/'), '');
    assert.equal(check('/secret/events'), 'events');
    assert.equal(check('/secret/events?x=1'), 404);
    for (const url of ['/', '/secret', '/Secret/', '/secret1/', '/x/secret/', '/secre%74/', 'secret/'])
      assert.equal(check(url), 404, url);
  });

  it('need the name of this machine: an address or localhost', () => {
    for (const host of ['localhost:1', '[::1]:8080', '127.0.0.1', '192.0.2.1:80'])
      assert.equal(check('/secret/', {host}), '', host);
    for (const host of ['evil.example', '127.0.0.1.evil.example', '', 'localhost.evil.example:80'])
      assert.equal(check('/secret/', {host}), 421, host);
  });

  it('are not those of other sites', () => {
    assert.equal(check('/secret/', {origin: 'http://127.0.0.1:8080'}), '');
    assert.equal(check('/secret/', {origin: 'http://127.0.0.1:8081'}), 403);
    assert.equal(check('/secret/', {origin: 'null'}), 403);
    assert.equal(check('/secret/', {'sec-fetch-site': 'none'}), '');
    assert.equal(check('/secret/', {'sec-fetch-site': 'cross-site'}), 403);
  });

  it('only read', () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])
      assert.equal(check('/secret/', {}, method), 405, method);
  });
});

function nodeOf(id: number): PageNode {
  return {id, label: `node ${String(id)}`, kind: 'own', groups: {}, listening: []};
}

function edgeOf(from: number, to: number, connections = 1): PageEdge {
  const numbers = {ports: [80], connections, open: 0, fails: 0, failures: {}};
  const times = {first: '2026-01-01T00:00:00Z', last: '2026-01-01T00:00:00Z', runs: [], recent: []};
  return {id: `${String(from)}-${String(to)}`, from, to, ...numbers, ...times};
}

function stateOf(nodes: readonly PageNode[], edges: readonly PageEdge[]): PageState {
  return {by: 'process', lost: 0, nodes, edges};
}

describe('changes of a map', () => {
  it('are what is new, different or gone', () => {
    const {next} = createChanges();
    const [one, two, three] = [nodeOf(1), nodeOf(2), nodeOf(3)];
    const first = stateOf([one, two], [edgeOf(1, 2)]);
    assert.deepEqual(next(first), {...first, gone: []});
    assert.equal(next(stateOf([nodeOf(1), nodeOf(2)], [edgeOf(1, 2)])), undefined);
    const second = next(stateOf([one, two, three], [edgeOf(1, 2, 2), edgeOf(1, 3)]));
    assert.deepEqual([second?.nodes, second?.edges], [[three], [edgeOf(1, 2, 2), edgeOf(1, 3)]]);
    const third = next(stateOf([one, three], [edgeOf(1, 3)]));
    assert.deepEqual([third?.nodes, third?.edges, third?.gone], [[], [], ['1-2']]);
    assert.deepEqual(next(stateOf([one, two, three], [edgeOf(1, 3)]))?.nodes, [two]);
  });
});

/** A page that reads when the test says so. */
function createPage() {
  const page = {
    texts: [] as string[],
    writableLength: 0,
    isReading: true,
    isDestroyed: false,
    write(text: string): boolean {
      page.texts.push(text);
      if (!page.isReading) page.writableLength += text.length;
      return page.isReading;
    },
    end(text: string): void {
      page.texts.push(text);
    },
    destroy(): void {
      page.isDestroyed = true;
    },
  };
  return page as typeof page & Parameters<ReturnType<typeof createViewers>['add']>[0];
}

describe('viewers of a page', () => {
  it('receive the whole state first, then changes', () => {
    const viewers = createViewers();
    const page = createPage();
    viewers.add(page);
    viewers.send('C1', () => 'S1');
    viewers.send('C2', () => 'S2');
    viewers.send(undefined, () => 'S2');
    assert.deepEqual(page.texts, ['event: state\ndata: S1\n\n', 'event: change\ndata: C2\n\n']);
  });

  it('one that does not read misses changes, takes bounded memory, and delays no other', () => {
    const viewers = createViewers();
    const [slow, fast] = [createPage(), createPage()];
    viewers.add(slow);
    viewers.add(fast);
    viewers.send(undefined, () => 'S0');
    slow.isReading = false;
    const change = 'x'.repeat(100_000);
    for (let round = 0; round < 100; round++) viewers.send(change, () => 'S');
    assert.equal(fast.texts.length, 101);
    assert.ok(slow.writableLength < 1.2e6, String(slow.writableLength));
    Object.assign(slow, {isReading: true, writableLength: 0});
    viewers.send(undefined, () => 'S1');
    viewers.send('C', () => 'S2');
    assert.deepEqual(slow.texts.slice(-2), ['event: state\ndata: S1\n\n', 'event: change\ndata: C\n\n']);
  });

  it('are limited in number', () => {
    const viewers = createViewers();
    const pages = Array.from({length: MAX_VIEWERS + 1}, createPage);
    assert.deepEqual(pages.map((page) => viewers.add(page)).indexOf(false), MAX_VIEWERS);
    const [first = createPage()] = pages;
    viewers.remove(first);
    assert.equal(viewers.add(createPage()), true);
    viewers.close();
    assert.deepEqual(pages[1]?.texts, ['event: end\ndata: \n\n']);
  });
});
