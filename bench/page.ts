/**
 * Measures the page of a map in headless Chromium: frames per second while a map is moved, how long its layout takes, and
 * the time from the call of connect() to the edge on a live page.
 * Usage: npm run bench:page -- [NODES EDGES [CONNECTIONS]]
 */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {quantile} from '#dist/compare/quantile.js';
import type {Browser} from 'playwright-core';
import {tcptrace} from '../test/cli/run.js';
import {Actor} from '../test/helpers/actor.js';
import {launch, MapPage} from '../test/page/browser.js';
import {createLarge} from '../test/page/recordings.js';
import {serve} from '../test/page/serving.js';
import {report} from './report.js';

const [nodes = 2000, edges = 5000, connections = 20] = process.argv.slice(2).map(Number);

/** Frames of this many moves of the pointer are counted. */
const MOVES = 200;

/** Counts frames while the pointer drags the background of the graph. */
async function measureFrames(map: MapPage): Promise<number> {
  const {page} = map;
  await page.evaluate(`(() => {
    window.frames_ = 0;
    const count = () => { window.frames_ += 1; requestAnimationFrame(count); };
    requestAnimationFrame(count);
  })()`);
  const place = await map.graph<string>('JSON.stringify(cy.pan())');
  // a corner without nodes
  await page.mouse.move(20, 730);
  await page.mouse.down();
  const [begin, before] = await page.evaluate<[number, number]>('[performance.now(), window.frames_]');
  for (let move = 0; move < MOVES; move++)
    await page.mouse.move(120 + 100 * Math.sin(move / 10), 650 + 80 * Math.cos(move / 10));
  const [end, after] = await page.evaluate<[number, number]>('[performance.now(), window.frames_]');
  await page.mouse.up();
  if ((await map.graph<string>('JSON.stringify(cy.pan())')) === place)
    throw new Error('the map has not moved');
  return ((after - before) * 1000) / (end - begin);
}

async function measureLarge(browser: Browser): Promise<{readonly seconds: number; readonly fps: number}> {
  const directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
  try {
    const [recording, page] = ['map.ndjson', 'map.html'].map((name) => path.join(directory, name)) as [
      string,
      string,
    ];
    writeFileSync(recording, createLarge(nodes, edges));
    const {stderr, status} = tcptrace(['map', '-o', 'html', '--output', page, recording]);
    if (status !== 0) throw new Error(stderr);
    const start = performance.now();
    await using map = await MapPage.open(browser, pathToFileURL(page).href);
    await map.waitFor(`document.querySelectorAll('#edges tbody tr').length > 0`);
    return {seconds: (performance.now() - start) / 1000, fps: await measureFrames(map)};
  } finally {
    rmSync(directory, {recursive: true});
  }
}

/** Returns milliseconds from connect() to the edge, of new processes that connect one after the other. */
async function measureDelays(browser: Browser): Promise<readonly number[]> {
  await using server = await Actor.start();
  const listener = await server.listen('127.0.0.1');
  await using serving = await serve(['--rport', String(listener.port)]);
  await using map = await MapPage.open(browser, serving.url);
  await map.page.getByText('live', {exact: true}).waitFor();
  const delays: number[] = [];
  for (let count = 0; count < connections; count++) {
    await using client = await Actor.start();
    const name = `${String(client.pid)} actor → ${String(server.pid)} actor`;
    const start = performance.now();
    await (await client.socket(4)).connect('127.0.0.1', listener.port);
    // the edge has the name of its acceptor then
    await listener.accept();
    await map.waitFor(
      `[...document.querySelectorAll('#edges tbody th')].some((it) => it.textContent === ${JSON.stringify(name)})`,
    );
    delays.push(Math.round(performance.now() - start));
  }
  return delays;
}

const browser = await launch();
try {
  const {seconds, fps} = await measureLarge(browser);
  const delays = await measureDelays(browser);
  report('page', [
    {
      nodes,
      edges,
      'seconds to the first picture': seconds.toFixed(1),
      'frames per second while it moves': fps.toFixed(0),
      'ms from connect() to the edge, median': quantile(delays, 0.5),
      'at most': quantile(delays, 1),
    },
  ]);
} finally {
  await browser.close();
}
