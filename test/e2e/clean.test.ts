/** What is left in the kernel: nothing, neither of connections that are gone nor of a tracer that is. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';
import {assertNoLeak} from '../helpers/leak.js';
import {hasProgram, seconds} from '../helpers/machine.js';
import {skip, suite} from '../helpers/suite.js';
import {Tracer} from '../helpers/tracer.js';

suite('the map of connections', (stage) => {
  it('has an entry for each that is open, and for no other', async () => {
    await assertNoLeak(stage.actor, 250);
  });
});

suite('after SIGKILL', () => {
  /** Nothing where it was closed meanwhile. */
  function readInfo(path: string): string {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return '';
    }
  }

  /** Ids of programs, maps and links that a process holds, as `prog 17`. */
  function objectsOf(pid: number): string[] {
    const directory = `/proc/${String(pid)}/fdinfo`;
    return readdirSync(directory).flatMap((fd) => {
      const info = readInfo(`${directory}/${fd}`);
      return [...info.matchAll(/^(prog|map|link)_id:\s+(\d+)$/gm)].map(
        ([, kind = '', id = '']) => `${kind} ${id}`,
      );
    });
  }

  function exists(object: string): boolean {
    const [kind = '', id = ''] = object.split(' ');
    return spawnSync('bpftool', [kind, 'show', 'id', id]).status === 0;
  }

  it('no program, map or link is left', async function () {
    if (!hasProgram('bpftool')) skip(this, 'no bpftool');
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
    // the kernel frees them when no CPU can be running them any more
    const deadline = Date.now() + seconds(10);
    while (objects.some(exists) && Date.now() < deadline) await setTimeout(20);
    assert.deepEqual(objects.filter(exists), []);
  });
});
