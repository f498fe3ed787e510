/** Updates of connections that change while they are read. */
import assert from 'node:assert/strict';
import {Actor} from '../helpers/actor.js';
import {IS_EMULATED} from '../helpers/machine.js';
import {SlowFunction} from '../helpers/slow-function.js';
import {suite} from '../helpers/suite.js';
import {Tracer, type TraceEvent} from '../helpers/tracer.js';
import {assertOrder} from '../helpers/updates.js';

const CONNECTIONS = IS_EMULATED ? 1500 : 4000;
const BYTES = 3000;

suite('updates during', (stage) => {
  // tcp_fin() notes the FIN after it was counted as received; tcp_send_fin() counts it after the change of state
  for (const name of ['tcp_fin', 'tcp_send_fin'])
    it(`a slow ${name}(): no FIN is counted as a byte`, async () => {
      await using server = await Actor.start();
      await using tracer = await Tracer.start(['--update', '1ms']);
      const listener = await server.listen('127.0.0.1');
      using slow = new SlowFunction(name);
      const serving = await server.background('serve', listener.fd, CONNECTIONS);
      await stage.actor.do('burst', CONNECTIONS, '127.0.0.1', listener.port, BYTES, 0, 'shutdown');
      await serving.join();
      const bySocket = new Map<unknown, TraceEvent[]>();
      for (const event of await tracer.settled()) {
        if (![event.lport, event.rport].includes(listener.port)) continue;
        const of = bySocket.get(event.inode) ?? [];
        bySocket.set(event.inode, of);
        of.push(event);
      }
      assert.equal(bySocket.size, 2 * CONNECTIONS);
      for (const of of bySocket.values()) {
        const [tx, rx] = of[0]?.event === 'connect' ? [BYTES, 0] : [0, BYTES];
        for (const {event, tx_bytes, rx_bytes} of of.slice(1))
          assert(
            Number(tx_bytes) <= tx && Number(rx_bytes) <= rx,
            `${event}: ${String(tx_bytes)} ${String(rx_bytes)}`,
          );
        assertOrder(of);
        assert.equal(of.at(-1)?.event, 'close');
      }
      if (slow.isSlow)
        assert(
          [...bySocket.values()].some((of) => of.length > 2),
          'updates',
        );
    });
});
