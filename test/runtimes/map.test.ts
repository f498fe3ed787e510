/** The map of containers, on the page. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {text} from 'node:stream/consumers';
import {pathToFileURL} from 'node:url';
import {reaped} from '../helpers/child.js';
import {PROBE} from '../helpers/machine.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {untilReady} from '../helpers/ready.js';
import {launch, MapPage, needChromium} from '../page/browser.js';
import type {Contained} from './contained.js';
import {type Host, layouts} from './host.js';
import {needPrograms} from './needs.js';
import {Podman} from './podman.js';

/** Each connects to the ones after the arrow. */
const SHOP: Readonly<Record<string, readonly string[]>> = {
  edge: ['front'],
  front: ['cart', 'catalogue', 'orders'],
  cart: ['cart-db'],
  catalogue: ['catalogue-db'],
  orders: ['cart', 'payment', 'orders-db'],
  payment: [],
  'cart-db': [],
  'catalogue-db': [],
  'orders-db': [],
};

/** Returns the page of everything that happens meanwhile. */
async function draw({tcptrace}: Host, act: () => Promise<void>): Promise<string> {
  const command: readonly string[] = [...tcptrace, 'map', '-o', 'html', '--probe', PROBE];
  const [program = '', ...words] = command;
  await using child = reaped(spawn(program, words, {stdio: ['ignore', 'pipe', 'pipe']}));
  const html = text(child.stdout);
  await untilReady(child.stderr);
  await act();
  child.kill('SIGINT');
  return await html;
}

describe('the page of nine containers', function () {
  this.timeout(120_000);
  let host: Host | undefined;
  before(function () {
    needPrograms(this, 'podman', 'conmon', 'runc');
    needChromium(this);
  });
  after(async () => {
    await host?.[Symbol.asyncDispose]();
  });

  it('has a box with the name of each, and the edges between them', async () => {
    const [layout = 'version 2'] = layouts();
    host = await Podman.host(layout);
    using podman = new Podman(host);
    const containers = new Map<string, Contained>();
    for (const name of Object.keys(SHOP)) containers.set(name, await podman.contain(name, '--network=host'));
    const edges = Object.entries(SHOP).flatMap(([from, all]) => all.map((to) => [from, to] as const));
    const find = (name: string): Contained => containers.get(name) ?? assert.fail(name);
    const html = await draw(host, async () => {
      for (const [from, to] of edges)
        await closePair(await connectPair(find(from).actor, '127.0.0.1', {server: find(to).actor}));
    });
    const file = host.path('map.html');
    writeFileSync(file, html);
    await using browser = await launch();
    await using map = await MapPage.open(browser, pathToFileURL(file).href);
    const nameOf = (name: string): string => `${String(find(name).pid)} actor`;
    const shown = await map.edges();
    for (const [from, to] of edges)
      assert.ok(shown.includes(`${nameOf(from)} → ${nameOf(to)}`), `${from} ${to}`);
    for (const name of containers.keys()) {
      const boxes = await map.graph<string[]>(
        `cy.$('[label = "${nameOf(name)}"]').ancestors().map((it) => it.data('label'))`,
      );
      assert.deepEqual(boxes, [name]);
    }
    map.assertClean();
  });
});
