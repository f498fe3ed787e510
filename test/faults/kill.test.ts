/** Kills tcptrace at random moments: the kernel frees all its objects, and files hold complete lines. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {Actor} from '../helpers/actor.js';
import {reaped} from '../helpers/child.js';
import {ownerless, remaining} from '../helpers/kernel-objects.js';
import {hasProgram, seconds} from '../helpers/machine.js';
import {faults} from '../helpers/runs.js';
import {skip, suite} from '../helpers/suite.js';
import {CLI, Tracer, WATCH} from '../helpers/tracer.js';

const STARTS = faults(10, 100);

/** SIGKILL can cut a write at a page boundary: generic_perform_write() checks for it after each page. */
const PAGE_BYTES = 4096;

suite('tcptrace killed at a random moment', function (stage) {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
  });
  afterEach(() => {
    rmSync(directory, {recursive: true});
  });

  /** Measures the time until tcptrace is ready. */
  async function msToReady(): Promise<number> {
    const start = performance.now();
    const tracer = await Tracer.start();
    const ms = performance.now() - start;
    await tracer[Symbol.asyncDispose]();
    return ms;
  }

  /** Kills tcptrace after `ms`; returns the text of its output file. */
  async function killAfter(ms: number, signal: NodeJS.Signals): Promise<string> {
    const output = path.join(directory, 'events');
    const words = [CLI, ...WATCH, '--output', output];
    await using tracer = reaped(spawn(process.execPath, words, {stdio: 'ignore'}));
    const end = once(tracer, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    await setTimeout(ms);
    tracer.kill(signal);
    const [code, by] = await end;
    // before tcptrace installs its handler, SIGTERM kills it
    assert.ok(by === signal || (signal === 'SIGTERM' && code === 0), `${String(code)} ${String(by)}`);
    const text = existsSync(output) ? readFileSync(output, 'utf8') : '';
    rmSync(output, {force: true});
    return text;
  }

  for (const signal of ['SIGKILL', 'SIGTERM'] as const)
    it(`by ${signal}, ${String(STARTS)} times`, async function () {
      if (!hasProgram('bpftool')) skip(this, 'no bpftool');
      this.timeout(STARTS * seconds(10));
      const before = new Set(ownerless());
      await using server = await Actor.start();
      const {fd, port} = await server.listen('127.0.0.1');
      await server.background('serve', fd, 10_000_000);
      await stage.actor.background('burst', 10_000_000, '127.0.0.1', port, 10, 2000);
      const latestMs = 2 * (await msToReady());
      let lines = 0;
      for (let start = 0; start < STARTS; start++) {
        const ms = ((start + Math.random()) / STARTS) * latestMs;
        const text = await killAfter(ms, signal);
        const isCut = signal === 'SIGKILL' && Buffer.byteLength(text) % PAGE_BYTES === 0;
        assert.ok(isCut || /^$|\n$/.test(text), `after ${String(ms)} ms it ends in ${text.slice(-100)}`);
        for (const line of text.split('\n').slice(0, -1)) {
          JSON.parse(line);
          lines += 1;
        }
      }
      assert.ok(lines > 0, 'at least one run has written events');
      await stage.actor.kill();
      await server.kill();
      assert.deepEqual(await remaining(() => ownerless().filter((object) => !before.has(object))), []);
    });
});
