/** All events of a connection, each field compared with the facts of both sockets. */
import {Actor} from '../helpers/actor.js';
import {assertEvents, assertPair} from '../helpers/expect.js';
import {Netns} from '../helpers/netns.js';
import {closePair, connectPair, exchange} from '../helpers/pair.js';
import {tracedSuite} from '../helpers/suite.js';

tracedSuite('life of a connection', (stage) => {
  /** Sends data in both directions; the client closes first. */
  async function live(client: Actor, server: Actor, address: string, to = address): Promise<void> {
    const pair = await connectPair(client, address, {server, to});
    await exchange(pair);
    await closePair(pair);
    await pair.listener.close();
    const events = await stage.tracer.settled();
    assertPair(events, pair);
    assertEvents(events, pair.listener);
  }

  it('IPv4', async () => live(stage.actor, stage.actor, '127.0.0.1'));

  it('IPv6', async () => live(stage.actor, stage.actor, '::1'));

  it('IPv4-mapped at the client', async () =>
    live(stage.actor, stage.actor, '127.0.0.1', '::ffff:127.0.0.1'));

  it('IPv4-mapped at the server', async () => live(stage.actor, stage.actor, '::', '127.0.0.1'));

  it('IPv4-mapped at both', async () => live(stage.actor, stage.actor, '::', '::ffff:127.0.0.1'));

  it('between two processes with different names and users', async () => {
    await using server = await Actor.start();
    await server.setComm('a server');
    await stage.actor.setComm('0123456789abcde');
    await stage.actor.setUid(4_000_000_001, 1001);
    await live(stage.actor, server, '127.0.0.1');
  });

  it('in another network namespace', async () => {
    using netns = new Netns();
    await stage.actor.do('netns', netns.path);
    await live(stage.actor, stage.actor, '127.0.0.1');
  });

  it('in a pid namespace: reports the pid of the initial namespace', async () => {
    await stage.actor.do('unshare', 'pid');
    await using child = await stage.actor.fork();
    await live(child, child, '127.0.0.1');
  });

  it('in a user namespace: reports the uid of the initial namespace', async () => {
    await stage.actor.setUid(12_345);
    await stage.actor.do('unshare', 'user');
    await live(stage.actor, stage.actor, '127.0.0.1');
  });

  const names = {
    'quotes, line feed, tab': '"\\\n\r\t',
    'an escape sequence': '\u001b]0;title\u0007',
    'a bidi override': '\u202edcba',
    'characters beyond U+FFFF': '\u{1f41d}\u{1f41d}\u{1f41d}',
    nothing: '',
    'invalid UTF-8': Buffer.from('61ff80c3', 'hex'),
  };
  for (const [title, name] of Object.entries(names)) {
    it(`with a process name that contains ${title}`, async () => {
      await stage.actor.setComm(name);
      await live(stage.actor, stage.actor, '127.0.0.1');
    });
  }
});
