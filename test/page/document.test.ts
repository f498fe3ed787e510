/** `tcptrace map -o html` in a browser. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import type {Browser} from 'playwright-core';
import {escapeText} from '#dist/terminal/escape.js';
import {tcptrace} from '../cli/run.js';
import {seconds} from '../helpers/machine.js';
import {launch, MapPage, needChromium} from './browser.js';
import {createHostile, createLarge, createShop, HOSTILE_NAMES} from './recordings.js';

const HOSTILE_NAME = '5 <script>alert(1)</script><img src=x onerror=alert(2)>\\u{202e}txt.exe';

const ALL = [
  '1 curl → 2 nginx',
  '2 nginx → 3 node',
  '3 node → 4 redis',
  '3 node → 192.0.2.5',
  `${HOSTILE_NAME} → 4 redis`,
];

describe('the page of a recording', function () {
  this.timeout(seconds(60));
  let browser: Browser;
  let directory: string;
  let shop: string;

  function write(name: string, recording: string, format = 'html'): string {
    const file = path.join(directory, `${name}.ndjson`);
    const page = path.join(directory, `${name}.${format}`);
    writeFileSync(file, recording);
    const {stderr, status} = tcptrace(['map', '-o', format, '--output', page, file]);
    assert.deepEqual([stderr, status], ['', 0]);
    return pathToFileURL(page).href;
  }

  before(async function () {
    needChromium(this);
    browser = await launch();
    directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    shop = write('shop', createShop());
  });
  after(async () => {
    await (browser as Browser | undefined)?.close();
    if ((directory as string | undefined) !== undefined) rmSync(directory, {recursive: true});
  });

  it('shows every edge in the table and the graph; hostile names are text', async () => {
    await using map = await MapPage.open(browser, shop);
    await map.waitForEdges(ALL);
    assert.deepEqual(
      [...(await map.nodes())].sort(),
      ['1 curl', '192.0.2.5', '2 nginx', '3 node', '4 redis', HOSTILE_NAME].sort(),
    );
    assert.equal(await map.page.locator('img, aside script').count(), 0);
    map.assertClean();
  });

  it('every hostile name is text, on the page and in the SVG', async () => {
    const labels = HOSTILE_NAMES.map((name, index) => `${String(100 + index)} ${escapeText(name)}`);
    await using page = await MapPage.open(browser, write('hostile', createHostile()));
    await page.waitForEdges(labels.map((label) => `${label} → 2 nginx`));
    assert.deepEqual([...(await page.nodes())].sort(), ['2 nginx', ...labels].sort());
    assert.equal(await page.page.locator('aside script, svg').count(), 0);
    page.assertClean();
    await using svg = await MapPage.open(browser, write('hostile', createHostile(), 'svg'));
    const texts = await svg.page.locator('text').allTextContents();
    for (const label of labels) assert.ok(texts.includes(label), `${label} in ${texts.join('\n')}`);
    assert.equal(await svg.page.locator('script, parsererror').count(), 0);
    svg.assertClean();
  });

  it('replaces an existing file', async () => {
    const page = write('again', createShop());
    assert.equal(write('again', createShop()), page);
    await using map = await MapPage.open(browser, page);
    await map.waitForEdges(ALL);
    map.assertClean();
  });

  it('says that there are no connections, or none that match', async () => {
    await using empty = await MapPage.open(browser, write('empty', ''));
    await empty.page.getByText('No connections.').waitFor();
    assert.equal(await empty.page.getByLabel('Time', {exact: true}).isVisible(), false);
    empty.assertClean();
    await using map = await MapPage.open(browser, shop);
    await map.page.getByLabel('Search names and ports').fill('nonsense');
    await map.page.getByText('No edge matches the filter.').waitFor();
    map.assertClean();
  });

  for (const [width, height] of [
    [1280, 800],
    [800, 600],
  ] as const) {
    it(`fits a window of ${String(width)} by ${String(height)} pixels`, async () => {
      await using map = await MapPage.open(browser, shop);
      await map.page.setViewportSize({width, height});
      await map.waitForEdges(ALL);
      await map.page.getByRole('button', {name: '3 node → 192.0.2.5'}).click();
      await map.page.getByText('Latest connections').waitFor();
      const isTooWide = await map.page.evaluate<boolean>(
        `[document.body, ...document.querySelectorAll('aside, section')].some((it) => it.scrollWidth > it.clientWidth)`,
      );
      assert.equal(isTooWide, false);
      const graph = await map.page.locator('#graph').boundingBox();
      assert.ok(graph !== null && graph.height > height / 4, String(graph?.height));
      map.assertClean();
    });
  }

  it('groups nodes by pod and container, on request', async () => {
    await using map = await MapPage.open(browser, shop);
    await map.waitForEdges(ALL);
    const pathOf = (label: string) =>
      map.graph<string[]>(`cy.$('[label = "${label}"]').ancestors().map((it) => it.data('label'))`);
    assert.deepEqual(await pathOf('2 nginx'), ['web', 'shop/front']);
    assert.deepEqual(await pathOf('1 curl'), []);
    await map.page.getByLabel('groups').uncheck();
    await map.waitFor(`document.querySelector('#graph')._cyreg.cy.$(':parent').empty()`);
    map.assertClean();
  });

  it('searches names, ports and errors, and filters', async () => {
    await using map = await MapPage.open(browser, shop);
    const search = map.page.getByLabel('Search names and ports');
    await search.fill('REDIS node');
    await map.waitForEdges(['3 node → 4 redis']);
    assert.deepEqual([...(await map.nodes())].sort(), ['3 node', '4 redis']);
    await search.fill('econnrefused 5432');
    await map.waitForEdges(['3 node → 192.0.2.5']);
    await search.fill('');
    await map.page.getByLabel('failing').check();
    await map.waitForEdges(['3 node → 192.0.2.5']);
    await map.page.getByLabel('without outside').check();
    await map.waitForEdges([]);
    map.assertClean();
  });

  it('a click on an edge or a node of the graph shows its numbers', async () => {
    await using map = await MapPage.open(browser, shop);
    await map.waitForEdges(ALL);
    const id = await map.graph<string>(
      `cy.$('[label = "3 node"]').edgesTo(cy.$('[label = "192.0.2.5"]')).id()`,
    );
    await map.clickInGraph(`#${id}`);
    await map.page.getByText('Latest connections').waitFor();
    const details = await map.details();
    assert.match(details, /3 node → 192\.0\.2\.5 ports 5432 connections 0, 0 open failures ECONNREFUSED: 1/);
    assert.match(details, /10\.0\.0\.1:20000 → 192\.0\.2\.5:5432 ECONNREFUSED/);
    assert.equal(await map.page.locator('tr[aria-current=true] th').textContent(), '3 node → 192.0.2.5');
    await map.clickInGraph('[label = "2 nginx"]');
    await map.waitForEdges(['1 curl → 2 nginx', '2 nginx → 3 node']);
    assert.match(await map.details(), /2 nginx kind on a recorded host pod shop\/front container web/);
    await map.page.keyboard.press('Escape');
    await map.waitForEdges(ALL);
    map.assertClean();
  });

  it('works by keyboard: sort, select, and move the graph', async () => {
    await using map = await MapPage.open(browser, shop);
    await map.waitForEdges(ALL);
    await map.page.getByRole('button', {name: 'Fails'}).press('Enter');
    await map.waitFor(`document.querySelector('#edges tbody th').textContent === '3 node → 192.0.2.5'`);
    assert.equal(await map.page.locator('th[aria-sort=descending]').textContent(), 'Fails');
    await map.page.keyboard.press('Tab');
    await map.page.getByRole('button', {name: '3 node → 192.0.2.5'}).press('Enter');
    await map.page.getByText('Latest connections').waitFor();
    await map.page.locator('#graph').focus();
    const before = await map.graph<number>('cy.pan().x');
    await map.page.keyboard.press('ArrowLeft');
    assert.equal(await map.graph<number>('cy.pan().x'), before + 60);
    map.assertClean();
  });

  it('the slider selects a period', async () => {
    await using map = await MapPage.open(browser, shop);
    await map.waitForEdges(ALL);
    const slider = map.page.getByLabel('Time', {exact: true});
    assert.equal(await slider.getAttribute('aria-valuetext'), 'whole time');
    await slider.fill('20');
    await map.waitForEdges(['3 node → 4 redis']);
    await slider.fill('30');
    await map.waitForEdges(['3 node → 4 redis', '3 node → 192.0.2.5']);
    assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /2026/);
    await slider.press('End');
    await map.waitForEdges(ALL);
    map.assertClean();
  });

  it('is light or dark as the system, and by its button', async () => {
    const backOf = (map: MapPage) =>
      map.page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    await using light = await MapPage.open(browser, shop);
    await using dark = await MapPage.open(browser, shop, true);
    const [bright, dim] = [await backOf(light), await backOf(dark)];
    assert.notEqual(bright, dim);
    await light.page.getByRole('button', {name: 'Dark'}).click();
    assert.equal(await backOf(light), dim);
    light.assertClean();
    dark.assertClean();
  });

  it('shows 2,000 nodes and 5,000 edges', async () => {
    await using map = await MapPage.open(browser, write('large', createLarge(2000, 5000)));
    await map.page.getByText('Show more').waitFor();
    assert.equal((await map.nodes()).length, 2000);
    assert.equal((await map.edges()).length, 200);
    await map.page.getByText('Show more').click();
    await map.waitFor(`document.querySelectorAll('#edges tbody tr').length === 400`);
    map.assertClean();
  });
});
