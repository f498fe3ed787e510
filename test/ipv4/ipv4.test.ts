/** A kernel without IPv6 (ipv6.disable=1) still traces IPv4. */
import assert from 'node:assert/strict';
import {assertEvents, assertPair, failed} from '../helpers/expect.js';
import {closePair, connectPair, freePort} from '../helpers/pair.js';
import {tracedSuite} from '../helpers/suite.js';

tracedSuite('a kernel without IPv6', (stage) => {
  it('has no IPv6', async () => {
    assert.equal((await stage.actor.call('socket', 6)).errno, 'EAFNOSUPPORT');
  });

  it('traces a connection over IPv4', async () => {
    const {client, server} = await connectPair(stage.actor, '127.0.0.1');
    await client.send(100);
    await server.receive(100);
    await closePair({client, server});
    const events = await stage.tracer.settled();
    assertPair(events, {client, server});
  });

  it('traces a refused connection', async () => {
    const port = await freePort(stage.actor, '127.0.0.1');
    const sock = await stage.actor.socket(4);
    assert.equal((await sock.tryConnect('127.0.0.1', port)).errno, 'ECONNREFUSED');
    await sock.close();
    assertEvents(await stage.tracer.settled(), sock, failed(sock, 'ECONNREFUSED', {laddr: '127.0.0.1'}));
  });
});
