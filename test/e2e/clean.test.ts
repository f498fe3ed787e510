/** What is left in the kernel: nothing, neither of connections that are gone nor of a tracer that is. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';
import {loadAddon} from '#dist/kernel/binding.js';
import {Actor} from '../helpers/actor.js';
import {churn} from '../helpers/churn.js';
import {hasProgram, PROBE, seconds} from '../helpers/machine.js';
import {connectPair} from '../helpers/pair.js';
import {skip, suite} from '../helpers/suite.js';
import {Tracer} from '../helpers/tracer.js';

/** Of each kind, of which there are twelve. */
const CONNECTIONS = 250;

suite('the map of connections', (stage) => {
  it('has an entry for each that is open, and for no other', async () => {
    await using server = await Actor.start();
    const {Tracer: NativeTracer} = loadAddon();
    const tracer = new NativeTracer({
      probe: PROBE,
      bufferSizeBytes: 4096,
      maxConnections: 100_000,
      events: 0,
      families: 3,
      pids: [],
      ports: [],
    });
    try {
      const before = tracer.countConnections();
      const held = [await connectPair(stage.actor, '127.0.0.1'), await connectPair(server, '::1')];
      await churn(stage.actor, server, CONNECTIONS);
      assert.equal(tracer.countConnections(), before + 2 * held.length);
      for (const {client, server: accepted} of held) {
        await client.close();
        await accepted.close();
      }
      assert.equal(tracer.countConnections(), before);
    } finally {
      tracer.close();
    }
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
    await using tracer = await Tracer.start();
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
