import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import {ROOT} from '../helpers/machine.js';
import {connectPair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import {run} from './run.js';

function readExample(): string {
  const [, example = ''] = /```js\n([^]*?)```/.exec(readFileSync(path.join(ROOT, 'README.md'), 'utf8')) ?? [];
  assert.match(example, /from 'tcptrace'/);
  return example;
}

describe('README', () => {
  it('the library example type-checks in strict mode', () => {
    const file = path.join(ROOT, 'build/example.ts');
    writeFileSync(file, readExample());
    const flags = '--strict --noEmit --ignoreConfig --module nodenext --target es2022 --types node'.split(
      ' ',
    );
    const {status, stdout} = run('npx', ['--no-install', 'tsc', ...flags, file], {cwd: ROOT});
    rmSync(file);
    assert.deepEqual([stdout, status], ['', 0]);
  });
});

suite('README', (stage) => {
  it('the library example works', async () => {
    const example = readExample();
    const short = example.replace('AbortSignal.timeout(10_000)', 'AbortSignal.timeout(2000)');
    assert.notEqual(short, example);
    const over = new AbortController();
    const running = promisify(execFile)(process.execPath, ['--input-type=module', '-e', short], {cwd: ROOT});
    void running.finally(() => {
      over.abort();
    });
    while (!over.signal.aborted) {
      const {client, server, listener} = await connectPair(stage.actor, '127.0.0.1');
      for (const sock of [client, server, listener]) await sock.close();
    }
    const {stdout} = await running;
    assert.match(stdout, new RegExp(`^connect ${String(stage.actor.pid)} actor 127\\.0\\.0\\.1:\\d+$`, 'm'));
  });
});
