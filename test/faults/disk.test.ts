/** Behavior when the disk fills up while events are written. */
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, mkdtempSync, openSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {reaped} from '../helpers/child.js';
import {untilReady} from '../helpers/ready.js';
import {freePort} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import {CLI, WATCH} from '../helpers/tracer.js';

suite('a full disk', (stage) => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    file = path.join(directory, 'events');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory]);
  });
  afterEach(() => {
    execFileSync('umount', [directory]);
    rmSync(directory, {recursive: true});
  });

  /** Traces until the disk is full; returns exit code and stderr. */
  async function fill(flags: readonly string[], stdout: number | 'ignore'): Promise<[number, string]> {
    const words = [CLI, ...WATCH, ...flags];
    await using tracer = reaped(spawn(process.execPath, words, {stdio: ['ignore', stdout, 'pipe']}));
    let messages = '';
    const end = once(tracer, 'close') as Promise<[number]>;
    if (tracer.stderr === null) throw new Error('no stderr');
    await untilReady(tracer.stderr, (line) => (messages += `${line}\n`));
    const port = await freePort(stage.actor, '127.0.0.1');
    await stage.actor.do('burst', 1000, '127.0.0.1', port, 0, 0, 'refused');
    const [code] = await end;
    return [code, messages.replace(/^.*\(ready\)\n/, '')];
  }

  it('--output: exits with 1 and a message; the file ends with a complete line', async () => {
    const message = `tcptrace: cannot write ${file}: no space left on device\n`;
    assert.deepEqual(await fill(['--output', file], 'ignore'), [1, message]);
    const text = readFileSync(file, 'utf8');
    assert.match(text, /^$|\n$/);
    for (const line of text.split('\n').slice(0, -1)) JSON.parse(line);
  });

  it('stdout: exits with 1 and a message; all lines but the last are complete', async () => {
    const stdout = openSync(file, 'w');
    try {
      const message = 'tcptrace: cannot write the output: no space left on device\n';
      assert.deepEqual(await fill([], stdout), [1, message]);
    } finally {
      closeSync(stdout);
    }
    const lines = readFileSync(file, 'utf8').split('\n');
    assert.ok(lines.length > 100);
    for (const line of lines.slice(0, -1)) JSON.parse(line);
  });
});
