/** Checks the connection map for leaked entries. */
import assert from 'node:assert/strict';
import {loadAddon} from '#dist/kernel/addon.js';
import {Actor} from './actor.js';
import {churn} from './churn.js';
import {PROBE} from './machine.js';
import {connectPair} from './pair.js';
import {filterOf, TRACER_OPTIONS} from './tracer-options.js';

/**
 * Keeps two connections open while others come and go. Asserts that the map then holds the four sockets of the two
 * connections and nothing else.
 *
 * @param connections number of other connections of each of the twelve kinds
 */
export async function assertNoLeak(client: Actor, connections: number): Promise<void> {
  await using server = await Actor.start();
  const {Tracer} = loadAddon();
  const tracer = new Tracer({
    ...TRACER_OPTIONS,
    probe: PROBE,
    bufferSizeBytes: 4096,
    maxConnections: 100_000,
    filter: filterOf({pids: [], events: ['lost']}),
  });
  try {
    const count = (): number => tracer.countConnections([client.pid, server.pid]);
    const held = [await connectPair(client, '127.0.0.1'), await connectPair(server, '::1')];
    await churn(client, server, connections);
    assert.equal(count(), 2 * held.length);
    for (const pair of held) {
      await pair.client.close();
      await pair.server.close();
    }
    assert.equal(count(), 0);
    assert.equal(tracer.stats().mapFull, 0);
  } finally {
    tracer.close();
  }
}
