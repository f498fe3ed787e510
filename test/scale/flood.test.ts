/** A SYN flood opens no connections, so it must not produce events or use memory. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {Actor} from '../helpers/actor.js';
import {assertPair} from '../helpers/expect.js';
import {countEntries} from '../helpers/kernel-objects.js';
import {Cable, Netns} from '../helpers/netns.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import {Tracer} from '../helpers/tracer.js';

const SYNS = 200_000;

suite('a SYN flood', (stage) => {
  /** Reads the number of SYN cookies sent in the network namespace of a process. */
  function cookiesSent(pid: number): number {
    const [names = '', values = ''] = readFileSync(`/proc/${String(pid)}/net/netstat`, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('TcpExt:'));
    return Number(values.split(' ')[names.split(' ').indexOf('SyncookiesSent')]);
  }

  const rssKb = (pid: number): number =>
    Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]);

  it(`of ${String(SYNS)} SYNs produces no event, no map entry and no growth of memory`, async () => {
    using attacking = new Netns();
    using attacked = new Netns();
    const cable = new Cable(attacking, attacked);
    attacked.ip('route', 'add', 'default', 'via', cable.a.address);
    await using attacker = await Actor.start();
    await attacker.do('netns', attacking.path);
    const {actor} = stage;
    await actor.do('netns', attacked.path);
    const listener = await actor.listen(cable.b.address, {backlog: 128});

    await using tracer = await Tracer.start(['--netns', String(attacked.inode)]);
    await attacker.do('flood', SYNS / 10, cable.b.address, listener.port);
    const [before, rssBefore] = [cookiesSent(actor.pid), rssKb(tracer.pid)];
    await attacker.do('flood', SYNS, cable.b.address, listener.port);
    assert.ok(cookiesSent(actor.pid) - before > SYNS / 2, 'the listener was reached');
    assert.equal(
      countEntries(tracer.pid, ({ends}) => ends.netns === attacked.inode),
      0,
    );
    assert.ok(rssKb(tracer.pid) - rssBefore < 1024, 'RSS grows');

    const pair = await connectPair(actor, '127.0.0.1');
    await closePair(pair);
    await tracer.waitForEvent(pair.server, 'close');
    assertPair(tracer.events, pair);
    assert.equal(tracer.events.length, 4);
  });
});
