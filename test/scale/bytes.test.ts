/** More than 32 bits can count. Takes too long for every kernel and probe. */
import {accepted, assertEvents, closed, connected} from '../helpers/expect.js';
import {connectPair} from '../helpers/pair.js';
import {tracedSuite} from '../helpers/suite.js';

tracedSuite('4 GiB', (stage) => {
  it('are counted to the last byte', async () => {
    const {client, server} = await connectPair(stage.actor, '127.0.0.1');
    const bytes = 2 ** 32 + 5;
    const sending = await stage.actor.background('send', client.fd, bytes);
    await server.receive(bytes);
    await sending.join();
    client.sent = bytes;
    await client.close();
    await server.drain();
    await server.close();
    const events = await stage.tracer.settled();
    assertEvents(events, client, connected(client), closed(client, 'local'));
    assertEvents(events, server, accepted(server), closed(server, 'remote'));
  });
});
