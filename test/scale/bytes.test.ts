/** More than 32 bits can count. Takes too long for every kernel and probe. */
import {assertPair} from '../helpers/expect.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {tracedSuite} from '../helpers/suite.js';

tracedSuite('4 GiB', (stage) => {
  it('are counted to the last byte', async () => {
    const {client, server} = await connectPair(stage.actor, '127.0.0.1');
    const bytes = 2 ** 32 + 5;
    const sending = await stage.actor.background('send', client.fd, bytes);
    await server.receive(bytes);
    await sending.join();
    client.sent = bytes;
    await closePair({client, server});
    const events = await stage.tracer.settled();
    assertPair(events, {client, server});
  });
});
