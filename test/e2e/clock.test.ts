/** `time` follows the wall clock, also when that is set while the tracer runs. */
import {accepted, assertEvents, closed, connected} from '../helpers/expect.js';
import {connectPair} from '../helpers/pair.js';
import {skip, tracedSuite} from '../helpers/suite.js';

tracedSuite('the wall clock', (stage) => {
  before(function () {
    if (process.env.TCPTRACE_VM !== '1') skip(this, 'it is the clock of more than this test');
  });

  for (const [title, shiftSec] of [
    ['set forward', 3600],
    ['set back', -7200],
  ] as const) {
    it(title, async () => {
      await stage.actor.do('clock', shiftSec);
      try {
        const {client, server} = await connectPair(stage.actor, '127.0.0.1');
        await client.close();
        await server.drain();
        await server.close();
        const events = await stage.tracer.settled();
        assertEvents(events, client, connected(client), closed(client, 'local'));
        assertEvents(events, server, accepted(server), closed(server, 'remote'));
      } finally {
        await stage.actor.do('clock', -shiftSec);
      }
    });
  }
});
