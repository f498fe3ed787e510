/** Byte counts beyond 32 bits. Too slow to run on every kernel with every probe. */
import {assertPair} from '../helpers/expect.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {tracedSuite} from '../helpers/suite.js';

tracedSuite('a transfer of more than 4 GiB', (stage) => {
  it('is counted exactly', async () => {
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
