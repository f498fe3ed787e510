/** Sockets used through io_uring instead of system calls. */
import assert from 'node:assert/strict';
import {Actor} from '../helpers/actor.js';
import {accepted, assertEvents, closed, connected, failed} from '../helpers/expect.js';
import {closePair, freePort} from '../helpers/pair.js';
import {skip, tracedSuite} from '../helpers/suite.js';

tracedSuite('io_uring', (stage) => {
  before(async function () {
    await using actor = await Actor.start();
    const sock = await actor.socket(4);
    const {errno} = await actor.call('uring_close', sock.fd);
    if (errno !== undefined) skip(this, `no io_uring here: ${errno}`);
  });

  it('connect and close', async () => {
    const listener = await stage.actor.listen('127.0.0.1');
    const sock = await stage.actor.socket(4);
    await sock.connect('127.0.0.1', listener.port, 'uring_connect');
    await sock.close({command: 'uring_close'});
    assertEvents(await stage.tracer.settled(), sock, connected(sock), closed(sock, 'local'));
  });

  it('refused connect', async () => {
    const port = await freePort(stage.actor, '127.0.0.1');
    const sock = await stage.actor.socket(4);
    assert.equal((await sock.tryConnect('127.0.0.1', port, 'uring_connect')).errno, 'ECONNREFUSED');
    await sock.close();
    const events = await stage.tracer.settled();
    assertEvents(events, sock, failed(sock, 'ECONNREFUSED', {laddr: '127.0.0.1'}));
  });

  it('accept', async () => {
    const listener = await stage.actor.listen('127.0.0.1');
    const client = await stage.actor.socket(4);
    await client.connect('127.0.0.1', listener.port);
    const server = await listener.accept('uring_accept');
    await closePair({client, server});
    const events = await stage.tracer.settled();
    assertEvents(events, server, accepted(server), closed(server, 'remote'));
  });
});
