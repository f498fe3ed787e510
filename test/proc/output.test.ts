/** Output and exit of `watch --proc`. */
import assert from 'node:assert/strict';
import {setTimeout} from 'node:timers/promises';
import {Actor} from '../helpers/actor.js';
import {seconds} from '../helpers/machine.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {startProcTracer} from '../helpers/proc-tracer.js';
import {type Running, shell} from '../helpers/shell.js';
import {skip} from '../helpers/suite.js';

describe('watch --proc: output', function () {
  this.timeout(seconds(60));
  let actor: Actor;

  before(function () {
    if (process.getuid?.() !== 0) skip(this, 'only root sees every process');
  });

  beforeEach(async () => {
    actor = await Actor.start();
  });

  afterEach(async () => {
    await actor[Symbol.asyncDispose]();
  });

  /** Runs a shell command that contains $TCPTRACE, while a connection is open. */
  async function watch(command: string, meanwhile?: (running: Running) => Promise<void>) {
    await connectPair(actor, '127.0.0.1');
    return shell(command, ['watch', '--proc', '--pid', String(actor.pid)], meanwhile);
  }

  it('prints a table, and a summary without losses', async () => {
    const {stdout, stderr, code} = await watch('$TCPTRACE --event open --duration 1ms');
    assert.equal(code, 0, stderr);
    const [header = '', ...rows] = stdout.trimEnd().split('\n');
    assert.match(header, /^TIME +EVENT +PID /);
    assert.deepEqual(rows.map((row) => / (open) .* (in|out)$/.exec(row)?.slice(1)).sort(), [
      ['open', 'in'],
      ['open', 'out'],
    ]);
    assert.match(stderr, /^tcptrace: tracing with proc \(ready\)$/m);
    assert.match(stderr, /^tcptrace: 2 events \(2 open\), by proc in \d+\.\d s$/m);
  });

  it('--count: exits after that many events', async () => {
    const {stdout, stderr, code} = await watch('$TCPTRACE --ndjson --event open --count 1');
    assert.deepEqual([stdout.trimEnd().split('\n').length, code], [1, 0], stderr);
  });

  it('| head -1: exits', async () => {
    const {stdout, stderr, code} = await watch(
      '$TCPTRACE --ndjson --interval 10ms | head -1',
      // only a write reveals that the reader is gone
      async (running) => {
        while (!running.hasExited) {
          const pair = await connectPair(actor, '127.0.0.1');
          // longer than a scan takes
          await setTimeout(500);
          await closePair(pair);
          await pair.listener.close();
        }
      },
    );
    assert.deepEqual([stdout.trimEnd().split('\n').length, code], [1, 0], stderr);
  });

  it('| head -1: exits even if no further event occurs', async () => {
    const {stdout, stderr, code} = await watch('$TCPTRACE --ndjson --event open --interval 50ms | head -1');
    assert.deepEqual([stdout.trimEnd().split('\n').length, code], [1, 0], stderr);
  });

  it('full disk: exits with 1 and a message', async () => {
    const {stderr, code} = await watch('$TCPTRACE --ndjson --event open >/dev/full');
    assert.match(stderr, /^tcptrace: cannot write the output: no space left on device$/m);
    assert.equal(code, 1);
  });

  it('--quiet: prints no messages', async () => {
    const {stdout, stderr, code} = await watch('$TCPTRACE --ndjson --event open --duration 1ms --quiet');
    assert.deepEqual([stdout.trimEnd().split('\n').length, stderr, code], [2, '', 0]);
  });

  it('SIGTERM between two scans: exits', async () => {
    await using sleeping = await startProcTracer('--interval', '1h');
    const {code, stderr} = await sleeping.stop('SIGTERM');
    assert.equal(code, 0);
    assert.match(stderr, /^tcptrace: 0 events, by proc in/m);
  });
});
