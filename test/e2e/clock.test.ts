/** `time` follows the wall clock when it is set during the trace. */
import {assertPair} from '../helpers/expect.js';
import {closePair, connectPair} from '../helpers/pair.js';
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
        await closePair({client, server});
        const events = await stage.tracer.settled();
        assertPair(events, {client, server});
      } finally {
        await stage.actor.do('clock', -shiftSec);
      }
    });
  }
});
