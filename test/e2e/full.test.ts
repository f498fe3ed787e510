/** The map of connections is full: a loss, which is said at once, and which no user can inflict on another. */
import assert from 'node:assert/strict';
import {eventsOf} from '../helpers/expect.js';
import {Cable, Netns} from '../helpers/netns.js';
import {freePort} from '../helpers/pair.js';
import type {Sock} from '../helpers/sock.js';
import {suite} from '../helpers/suite.js';
import {Tracer} from '../helpers/tracer.js';

const SIZE = 200;
const HOG = 60_001;
const OTHER = 60_002;

suite('a full map of connections', (stage) => {
  it('is a loss, and events of other users keep their process', async () => {
    using netns = new Netns();
    using peer = new Netns();
    const cable = new Cable(netns, peer);
    cable.cut();
    const other = stage.actor;
    await other.do('netns', netns.path);
    const port = await freePort(other, '127.0.0.1');
    const listener = await other.listen('127.0.0.1');
    await using hog = await other.fork();
    await hog.setUid(HOG);
    await other.setUid(OTHER);
    // counts what other processes of this host do, which is lost too
    await using outside = await Tracer.start(['--not-netns', netns.name, '--not-netns', peer.name]);
    await using tracer = await Tracer.start([
      ...['--max-connections', String(SIZE), '--uid', String(OTHER), '--fail-on-loss'],
    ]);

    for (let made = 0; made < 3 * SIZE; made++) {
      const sock = await hog.socket(4, 'nonblock');
      await sock.tryConnect(cable.b.address, 80);
    }
    await tracer.waitFor(() => tracer.stderr.includes('raise --max-connections'), 'a notice');
    await tracer.waitFor(() => tracer.events.some(({event}) => event === 'lost'), 'a lost event');

    const socks: Sock[] = [];
    const refused: Sock[] = [];
    for (let made = 0; made < 20; made++) {
      const client = await other.socket(4);
      await client.connect('127.0.0.1', listener.port);
      socks.push(client, await listener.accept());
      const sock = await other.socket(4);
      await sock.tryConnect('127.0.0.1', port);
      refused.push(sock);
    }
    for (const sock of socks) await sock.close();
    const {events, code} = await tracer.stop();
    assert.equal(code, 4);
    for (const sock of socks)
      assert.deepEqual(
        eventsOf(events, sock).map(({event, pid, uid, duration_us: d}) => [event, pid, uid, d !== undefined]),
        [
          [sock.direction === 'in' ? 'accept' : 'connect', other.pid, OTHER, false],
          ['close', other.pid, OTHER, true],
        ],
      );
    for (const sock of refused)
      assert.deepEqual(
        eventsOf(events, sock).map(({event, pid, error}) => [event, pid, error]),
        [['fail', other.pid, 'ECONNREFUSED']],
      );
    const lost = events.reduce((sum, {event, count}) => (event === 'lost' ? sum + Number(count) : sum), 0);
    const others = (await outside.stop()).events.length;
    const own = 3 * SIZE - SIZE - SIZE / 2;
    assert.ok(
      lost >= own && lost <= own + others,
      `${String(lost)} lost: the map, and half of a reserve as large`,
    );
  });
});
