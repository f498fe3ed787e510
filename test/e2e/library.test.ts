/** The package as a program imports it. */
import assert from 'node:assert/strict';
import {list, TcptraceError, trace, type TraceEvent} from 'tcptrace';
import {PROBE} from '../helpers/machine.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';

suite('the library', (stage) => {
  it('traces until its signal is aborted, then to the last event', async () => {
    const end = new AbortController();
    const {events, probe, stats} = trace({
      probe: PROBE,
      filter: {pids: [stage.actor.pid], events: ['connect', 'close']},
      signal: end.signal,
    });
    assert.equal(probe, PROBE);
    const pair = await connectPair(stage.actor, '127.0.0.1');
    await closePair(pair);
    end.abort();
    const seen: TraceEvent[] = [];
    for await (const batch of events) seen.push(...batch);
    const inodes = [pair.client.inode, pair.client.inode, pair.server.inode];
    assert.deepEqual(
      seen.map((event) => [event.event, event.event === 'lost' ? 0 : event.inode]),
      ['connect', 'close', 'close'].map((event, index) => [event, inodes[index]]),
    );
    assert.equal(seen.length, 3);
    assert.equal('lost' in stats() && stats().lost, 0);
  });

  it('ends when its events are left', async () => {
    const {events} = trace({probe: PROBE, filter: {pids: [stage.actor.pid]}});
    await closePair(await connectPair(stage.actor, '127.0.0.1'));
    for await (const batch of events) {
      assert.ok(batch.length > 0);
      break;
    }
    const again: TraceEvent[] = [];
    for await (const batch of events) again.push(...batch);
    assert.deepEqual(again, []);
  });

  it('says what is wrong by an error with an exit code', () => {
    assert.throws(
      () => trace({probe: PROBE, limits: {btfPath: '/nowhere'}}),
      (error) => error instanceof TcptraceError && error.exitCode === 3,
    );
  });

  it('lists what is there now', async () => {
    const {client, server, listener} = await connectPair(stage.actor, '127.0.0.1');
    const {sockets} = list({filter: {pids: [stage.actor.pid]}});
    const inodes = sockets.map(({inode}) => inode).sort((a, b) => a - b);
    assert.deepEqual(
      inodes,
      [client, server, listener].map(({inode}) => inode).sort((a, b) => a - b),
    );
  });
});
