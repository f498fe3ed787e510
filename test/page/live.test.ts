/** `tcptrace map --serve` in a browser. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {connect} from 'node:net';
import type {Browser} from 'playwright-core';
import {Actor} from '../helpers/actor.js';
import {Netns} from '../helpers/netns.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import {launch, MapPage, needChromium} from './browser.js';
import {serve} from './serving.js';

suite('the page of a live map', (stage) => {
  let browser: Browser;
  before(async function () {
    needChromium(this);
    browser = await launch();
  });
  after(async () => {
    await (browser as Browser | undefined)?.close();
  });

  /** Returns the name of the edge between two actors. */
  const nameOf = (from: Actor, to: Actor) => `${String(from.pid)} actor → ${String(to.pid)} actor`;

  /** A network namespace with the actor of the stage and a server. */
  async function openHome() {
    const home = new Netns();
    const server = await Actor.start();
    await stage.actor.do('netns', home.path);
    await server.do('netns', home.path);
    return {
      path: home.path,
      server,
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]();
        home[Symbol.dispose]();
      },
    };
  }

  it('shows the edge of a connection as it is opened, used and closed', async () => {
    await using home = await openHome();
    const {server} = home;
    await using serving = await serve(['--netns', home.path]);
    await using map = await MapPage.open(browser, serving.url);
    await map.page.getByText('live', {exact: true}).waitFor();
    assert.deepEqual(await map.edges(), []);
    const pair = await connectPair(stage.actor, '127.0.0.1', {server});
    const name = nameOf(stage.actor, server);
    await map.waitForEdges([name]);
    await map.page.getByRole('button', {name}).click();
    await map.page.getByText('connections 1, 1 open').or(map.page.getByText('1, 1 open')).first().waitFor();
    await pair.client.send(500);
    await map.page.locator('#details dd', {hasText: /^500$/}).waitFor();
    await closePair(pair);
    await map.page.locator('#recent td', {hasText: 'closed'}).waitFor();
    map.assertClean();
    assert.equal(await serving.stop(), 0);
    await map.page.getByText('the trace has ended').waitFor();
    map.assertClean();
  });

  it('leaves all nodes where they are when another one appears', async () => {
    await using home = await openHome();
    const {server} = home;
    await using other = await Actor.start();
    await other.do('netns', home.path);
    await using serving = await serve(['--netns', home.path]);
    await using map = await MapPage.open(browser, serving.url);
    const placesOf = (pids: readonly number[]) =>
      map.graph<unknown>(
        `${JSON.stringify(pids)}.map((pid) => cy.$('[label = "' + pid + ' actor"]').position())`,
      );
    const first = await connectPair(stage.actor, '127.0.0.1', {server});
    await map.waitForEdges([nameOf(stage.actor, server)]);
    const pids = [stage.actor.pid, server.pid];
    const places = await placesOf(pids);
    const second = await connectPair(other, '127.0.0.1', {server});
    await map.waitForEdges([nameOf(stage.actor, server), nameOf(other, server)]);
    assert.deepEqual(await placesOf(pids), places);
    await closePair(first);
    await closePair(second);
    map.assertClean();
  });

  it('several viewers see the same; one that does not read delays none', async () => {
    await using home = await openHome();
    const {server} = home;
    await using serving = await serve(['--netns', home.path]);
    const {hostname, port, pathname, host} = new URL(serving.url);
    const stuck = connect(Number(port), hostname);
    stuck.pause();
    await once(stuck, 'connect');
    stuck.write(`GET ${pathname}events HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await using one = await MapPage.open(browser, serving.url);
    await using two = await MapPage.open(browser, serving.url, true);
    const pair = await connectPair(stage.actor, '127.0.0.1', {server});
    for (const map of [one, two]) {
      await map.waitForEdges([nameOf(stage.actor, server)]);
      map.assertClean();
    }
    await closePair(pair);
    assert.equal(await serving.stop(), 0);
    stuck.destroy();
  });

  it('refuses requests without the token, of other sites, and that write', async () => {
    await using serving = await serve([]);
    const statusOf = async (url: string, init: RequestInit = {}) => (await fetch(url, init)).status;
    assert.equal(await statusOf(serving.url), 200);
    assert.equal(await statusOf(new URL('/', serving.url).href), 404);
    assert.equal(await statusOf(serving.url, {method: 'POST'}), 405);
    assert.equal(await statusOf(serving.url, {headers: {Origin: 'http://example.com'}}), 403);
    assert.equal(new URL(serving.url).hostname, '127.0.0.1');
  });
});
