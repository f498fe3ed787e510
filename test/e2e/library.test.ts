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

  it('refuses what would widen or empty the trace in silence', () => {
    // as a program without our types gives it
    const wrong: readonly [string, object][] = [
      ['probe: "nope" is unknown', {probe: 'nope'}],
      ['events: "conect" is unknown', {filter: {events: ['conect']}}],
      ['events is empty', {filter: {events: []}}],
      ['families: 5 is unknown', {filter: {families: [5]}}],
      ['pids: invalid value "12"', {filter: {pids: ['12']}}],
      ['pids: invalid value null', {filter: {pids: [NaN]}}],
      ['notUids: invalid value -1', {filter: {notUids: [-1]}}],
      ['ends: a condition without tests', {filter: {ends: [{isWanted: true, tests: []}]}}],
      [
        'not an address or network: "10.0.0.0/33"',
        {
          filter: {
            ends: [
              {isWanted: true, tests: [{end: 'local', network: {address: '10.0.0.0', prefixLength: 33}}]},
            ],
          },
        },
      ],
      ['limits: invalid value -1', {limits: {bufferSizeBytes: -1}}],
      ['intervalMs: invalid value 0', {probe: 'proc', intervalMs: 0}],
      ['scans of /proc cannot follow processes', {probe: 'proc', follow: {pids: [process.pid]}}],
    ];
    for (const [message, options] of wrong)
      assert.throws(
        () => trace(options),
        (error) => error instanceof TcptraceError && error.exitCode === 2 && error.message === message,
        message,
      );
    assert.throws(() => list({filter: {families: [5 as 4]}}), /families: 5 is unknown/);
  });

  it('takes undefined for what is not given', async () => {
    const options: object = {
      signal: undefined,
      probe: PROBE,
      limits: {bufferSizeBytes: undefined, btfPath: undefined},
      filter: {pids: [stage.actor.pid], events: undefined, uids: undefined},
    };
    const {events} = trace(options);
    const pair = await connectPair(stage.actor, '127.0.0.1');
    await closePair(pair);
    for await (const batch of events) {
      assert.ok(batch.every((event) => event.event !== 'lost' && event.pid === stage.actor.pid));
      break;
    }
  });

  it('lists what is there now', async () => {
    const {client, server, listener} = await connectPair(stage.actor, '127.0.0.1');
    const {sockets} = list({filter: {pids: [stage.actor.pid]}});
    const inodes = sockets.map(({inode = 0}) => inode).sort((a, b) => a - b);
    assert.deepEqual(
      inodes,
      [client, server, listener].map(({inode}) => inode).sort((a, b) => a - b),
    );
  });
});
