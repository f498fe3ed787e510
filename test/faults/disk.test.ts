/** A disk that gets full while events are written. */
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

  /** Traces more than there is room for; code and stderr. */
  async function fill(flags: readonly string[], stdout: number | 'ignore'): Promise<[number, string]> {
    const words = [CLI, ...WATCH, ...flags];
    await using tracer = reaped(spawn(process.execPath, words, {stdio: ['ignore', stdout, 'pipe']}));
    let said = '';
    const end = once(tracer, 'close') as Promise<[number]>;
    if (tracer.stderr === null) throw new Error('no stderr');
    await untilReady(tracer.stderr, (line) => (said += `${line}\n`));
    const port = await freePort(stage.actor, '127.0.0.1');
    await stage.actor.do('burst', 1000, '127.0.0.1', port, 0, 0, 'refused');
    const [code] = await end;
    return [code, said.replace(/^.*\(ready\)\n/, '')];
  }

  it('--output: says so, code 1, and the file ends with a whole line', async () => {
    const said = `tcptrace: cannot write ${file}: no space left on device\n`;
    assert.deepEqual(await fill(['--output', file], 'ignore'), [1, said]);
    const text = readFileSync(file, 'utf8');
    assert.match(text, /^$|\n$/);
    for (const line of text.split('\n').slice(0, -1)) JSON.parse(line);
  });

  it('stdout: says so, code 1, and replay reads all but the line that was cut', async () => {
    const stdout = openSync(file, 'w');
    try {
      const said = 'tcptrace: cannot write the output: no space left on device\n';
      assert.deepEqual(await fill([], stdout), [1, said]);
    } finally {
      closeSync(stdout);
    }
    const lines = readFileSync(file, 'utf8').split('\n');
    assert.ok(lines.length > 100);
    for (const line of lines.slice(0, -1)) JSON.parse(line);
  });
});
