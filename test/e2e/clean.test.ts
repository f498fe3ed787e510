/** What is left in the kernel: nothing, neither of connections that are gone nor of a tracer that is. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {assertPair} from '../helpers/expect.js';
import {exists, objectsOf, remaining} from '../helpers/kernel-objects.js';
import {assertNoLeak} from '../helpers/leak.js';
import {hasProgram} from '../helpers/machine.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {skip, suite} from '../helpers/suite.js';
import {Tracer} from '../helpers/tracer.js';

suite('the map of connections', (stage) => {
  it('has an entry for each that is open, and for no other', async () => {
    await assertNoLeak(stage.actor, 250);
  });
});

suite('in the kernel', (stage) => {
  before(function () {
    if (!hasProgram('bpftool')) skip(this, 'no bpftool');
  });

  it('no program, map or link is left after SIGKILL', async () => {
    // silent, whatever else happens here: a line may be cut by SIGKILL
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

  it('nobody can detach a link: the kernel refuses (no detach in its bpf_link_ops)', async () => {
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
