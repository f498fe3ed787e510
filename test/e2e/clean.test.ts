/** Closed connections and stopped tracers leave nothing in the kernel. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {assertPair} from '../helpers/expect.js';
import {exists, objectsOf, remaining} from '../helpers/kernel-objects.js';
import {assertNoLeak} from '../helpers/leak.js';
import {hasProgram} from '../helpers/machine.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {skip, suite} from '../helpers/suite.js';
import {Tracer} from '../helpers/tracer.js';

suite('the connection map', (stage) => {
  it('has entries only for open connections', async () => {
    await assertNoLeak(stage.actor, 250);
  });
});

suite('BPF objects', (stage) => {
  before(function () {
    if (!hasProgram('bpftool')) skip(this, 'no bpftool');
  });

  it('are freed after SIGKILL', async () => {
    // no output, because SIGKILL may cut a line
    await using tracer = await Tracer.start(['--port', '1']);
    const objects = objectsOf(tracer.pid);
    assert(objects.filter((object) => object.startsWith('prog')).length >= 7, objects.join());
    assert(objects.filter((object) => object.startsWith('map')).length >= 4, objects.join());
    assert.deepEqual(
      objects.filter((object) => !exists(object)),
      [],
    );
    const {signal} = await tracer.stop('SIGKILL');
    assert.equal(signal, 'SIGKILL');
    assert.deepEqual(await remaining(() => objects.filter(exists)), []);
  });

  it('cannot be detached: the kernel refuses bpftool link detach', async () => {
    await using tracer = await Tracer.start();
    const links = objectsOf(tracer.pid).filter((object) => object.startsWith('link'));
    assert(links.length >= 4, links.join());
    for (const link of links) {
      const id = link.replace('link ', '');
      const {status, stderr} = spawnSync('bpftool', ['link', 'detach', 'id', id], {encoding: 'utf8'});
      assert.deepEqual(
        [status === 0, stderr],
        [false, 'Error: failed link detach: Operation not supported\n'],
      );
    }
    const pair = await connectPair(stage.actor, '127.0.0.1');
    await closePair(pair);
    assertPair(await tracer.settled(), pair);
  });
});
