/** Runs many tracers at the same time, and one after another. */
import assert from 'node:assert/strict';
import {readdirSync} from 'node:fs';
import {loadAddon} from '#dist/kernel/addon.js';
import {objectsOf} from '../helpers/kernel-objects.js';
import {PROBE} from '../helpers/machine.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {faults} from '../helpers/runs.js';
import {assertPair} from '../helpers/expect.js';
import {suite} from '../helpers/suite.js';
import {Tracer} from '../helpers/tracer.js';
import {TRACER_OPTIONS} from '../helpers/tracer-options.js';

suite('ten tracers at once', (stage) => {
  it('report the same events; killing or stopping one does not affect the others', async () => {
    const tracers: Tracer[] = [];
    try {
      for (let i = 0; i < 10; i++) tracers.push(await Tracer.start());
      const check = async (): Promise<void> => {
        const pairs = [];
        for (let i = 0; i < 20; i++) {
          const pair = await connectPair(stage.actor, '127.0.0.1');
          await closePair(pair);
          pairs.push(pair);
        }
        for (const tracer of tracers) {
          const events = await tracer.settled();
          for (const pair of pairs) assertPair(events, pair);
        }
      };
      await check();
      const [killed, stopped, held] = tracers.splice(0, 3);
      held?.signal('SIGSTOP');
      assert.equal((await killed?.stop('SIGKILL'))?.signal, 'SIGKILL');
      assert.equal((await stopped?.stop())?.code, 0);
      await check();
      await held?.stop('SIGKILL');
    } finally {
      for (const tracer of tracers) await tracer[Symbol.asyncDispose]();
    }
  });
});

suite('one tracer after another in one process', () => {
  const starts = faults(15, 500);

  it(`${String(starts)} starts leak no descriptors, threads or BPF objects`, async function () {
    this.timeout(starts * 2000);
    const {Tracer: NativeTracer} = loadAddon();
    const start = async (): Promise<void> => {
      const tracer = new NativeTracer({...TRACER_OPTIONS, probe: PROBE});
      tracer.stop();
      while ((await tracer.read()) !== null);
      tracer.close();
    };
    const measure = (): number[] => [
      readdirSync('/proc/self/fd').length,
      readdirSync('/proc/self/task').length,
      objectsOf('self').length,
    ];
    await start();
    const before = measure();
    for (let i = 1; i < starts; i++) await start();
    assert.deepEqual(measure(), before);
  });
});
