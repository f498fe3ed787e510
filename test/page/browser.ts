/** Opens the page of a map in Chromium, and reads what it shows. */
import assert from 'node:assert/strict';
import {type Browser, chromium, type Page} from 'playwright-core';
import {findProgram} from '#dist/procfs/programs.js';
import {skip} from '../helpers/suite.js';
import {until} from '../helpers/until.js';

const CHROMIUM = findProgram('chromium') ?? findProgram('chromium-headless-shell');

/** Set by .ci/run: a missing browser is then a failure. */
const MUST_RUN = process.env.TCPTRACE_MUST_BROWSE === '1';

/** Skips the suite without Chromium. */
export function needChromium(context: Mocha.Context): void {
  if (CHROMIUM !== undefined) return;
  const reason = 'not installed: chromium (bin/setup --ci installs it)';
  if (MUST_RUN) throw new Error(reason);
  skip(context, reason);
}

export function launch(): Promise<Browser> {
  // Chromium refuses to run as root with its sandbox
  return chromium.launch({executablePath: CHROMIUM ?? '', args: ['--no-sandbox']});
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A page, which fails the test if it reports an error or loads anything else. */
export class MapPage implements AsyncDisposable {
  readonly page: Page;
  readonly #errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
  }

  /** @param dark the system's theme */
  static async open(browser: Browser, url: string, dark = false): Promise<MapPage> {
    const context = await browser.newContext({
      viewport: {width: 1280, height: 800},
      colorScheme: dark ? 'dark' : 'light',
    });
    const page = await context.newPage();
    const map = new MapPage(page);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') map.#errors.push(message.text());
    });
    page.on('pageerror', (error) => {
      map.#errors.push(String(error));
    });
    page.on('dialog', (dialog) => {
      map.#errors.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    const base = new URL('.', url).href;
    page.on('request', (request) => {
      const loaded = request.url();
      if (loaded !== url && loaded !== `${base}events` && !loaded.startsWith('data:'))
        map.#errors.push(`request: ${loaded}`);
    });
    await page.goto(url);
    return map;
  }

  /** Returns the names of the edges in the table, in its order. */
  async edges(): Promise<readonly string[]> {
    return this.page.locator('#edges tbody th').allTextContents();
  }

  /** Waits until an expression is true. Playwright's own polling needs `eval`, which the page's policy forbids. */
  async waitFor(expression: string): Promise<void> {
    await until(() => this.page.evaluate<boolean>(expression), expression);
  }

  /** Waits until the table has exactly these edges, in any order. */
  async waitForEdges(names: readonly string[]): Promise<void> {
    const expected = JSON.stringify([...names].sort());
    await until(
      async () => JSON.stringify([...(await this.edges())].sort()) === expected,
      `the edges ${expected}`,
    );
  }

  /** Returns the text of the panel with the details. */
  async details(): Promise<string> {
    return (await this.page.locator('#details').innerText()).replaceAll(/\s+/g, ' ');
  }

  /** Evaluates an expression in which `cy` is the graph. */
  async graph<Value>(expression: string): Promise<Value> {
    return this.page.evaluate<Value>(`(({cy}) => ${expression})(document.querySelector('#graph')._cyreg)`);
  }

  /** Returns the labels of the nodes that are visible in the graph. */
  async nodes(): Promise<readonly string[]> {
    return this.graph(
      `cy.nodes(':visible').filter((it) => it.data('node') !== undefined).map((it) => it.data('label'))`,
    );
  }

  /** Clicks into the middle of an edge of the graph. @param selector of Cytoscape */
  async clickInGraph(selector: string): Promise<void> {
    const at = await this.graph<Point>(
      `((it) => it.isEdge() ? {x: it.renderedMidpoint().x, y: it.renderedMidpoint().y} : it.renderedPosition())(cy.$(${JSON.stringify(selector)}).first())`,
    );
    await this.page.locator('#graph').click({position: {x: at.x, y: at.y}});
  }

  /** Checks that the page has reported no error. */
  assertClean(): void {
    assert.deepEqual(this.#errors, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}
