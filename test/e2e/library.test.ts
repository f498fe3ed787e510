/** The package as a program imports it. */
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {list, TcptraceError, trace, type TraceEvent} from 'tcptrace';
import {PROBE} from '../helpers/machine.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';

/** Counts the BPF programs that this process holds. */
function countPrograms(): number {
  return readdirSync('/proc/self/fdinfo').filter((fd) => {
    try {
      return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').includes('prog_id:');
    } catch {
      return false; // the descriptor of readdirSync()
    }
  }).length;
}

suite('the library', (stage) => {
  it('traces until its signal is aborted, then to the last event', async () => {
    const end = new AbortController();
    const {events, source, stats} = trace({
      source: PROBE,
      filter: {pids: [stage.actor.pid], events: ['connect', 'close']},
      signal: end.signal,
    });
    assert.equal(source, PROBE);
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

  it('update() reports the numbers of live connections, and stopping reports the last ones', async () => {
    const old = await connectPair(stage.actor, '127.0.0.1');
    const end = new AbortController();
    const {events, ...tracing} = trace({
      source: PROBE,
      filter: {pids: [stage.actor.pid], events: ['update']},
      updatesOnRequest: true,
      signal: end.signal,
    });
    assert('update' in tracing);
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const batch of events)
        for (const event of batch) if (event.event === 'update') seen.push([event.inode, event.tx_bytes]);
    })();
    await tracing.update();
    assert.deepEqual(
      new Set(seen.splice(0)),
      new Set([
        [old.client.inode, 0],
        [old.server.inode, 0],
      ]),
    );
    const young = await connectPair(stage.actor, '127.0.0.1');
    await old.client.send(100);
    await old.server.receive(100);
    await tracing.update();
    const ofOld = [
      [old.client.inode, 100],
      [old.server.inode, 0],
    ];
    assert.deepEqual(new Set(seen.splice(0)), new Set(ofOld));
    await Promise.all([tracing.update(), tracing.update()]);
    assert.deepEqual(seen, []);
    await young.client.send(7);
    await young.server.receive(7);
    end.abort();
    await reading;
    await tracing.update();
    assert.deepEqual(
      new Set(seen),
      new Set([
        [young.client.inode, 7],
        [young.server.inode, 0],
      ]),
    );
  });

  it('stops when the loop over its events is left', async () => {
    const {events} = trace({source: PROBE, filter: {pids: [stage.actor.pid]}});
    await closePair(await connectPair(stage.actor, '127.0.0.1'));
    for await (const batch of events) {
      assert.ok(batch.length > 0);
      break;
    }
    const again: TraceEvent[] = [];
    for await (const batch of events) again.push(...batch);
    assert.deepEqual(again, []);
  });

  it('throws errors with an exit code', () => {
    assert.throws(
      () => trace({source: PROBE, limits: {btfPath: '/nowhere'}}),
      (error) => error instanceof TcptraceError && error.exitCode === 3,
    );
  });

  it('rejects invalid filters, which could widen or empty the trace', () => {
    // as a program without our types gives it
    const predicate = (test: object) => ({kind: 'include', tests: [{endpoint: 'local', ...test}]});
    const wrong: readonly (readonly [string, object])[] = [
      ['source: invalid value "nope"', {source: 'nope'}],
      ['events: invalid value "conect"', {filter: {events: ['conect']}}],
      ['events is empty', {filter: {events: []}}],
      ['families: invalid value 5', {filter: {families: [5]}}],
      ['pids: invalid value "12"', {filter: {pids: ['12']}}],
      ['pids: invalid value NaN', {filter: {pids: [NaN]}}],
      ['excludeUids: invalid value -1', {filter: {excludeUids: [-1]}}],
      ['endpoints: a predicate without tests', {filter: {endpoints: [{kind: 'include', tests: []}]}}],
      [
        'invalid value "10.0.0.0/33"',
        {
          filter: {
            endpoints: [
              {
                kind: 'include',
                tests: [{endpoint: 'local', network: {address: '10.0.0.0', prefixLength: 33}}],
              },
            ],
          },
        },
      ],
      ['bufferSizeBytes: invalid value -1', {limits: {bufferSizeBytes: -1}}],
      ['intervalMs: invalid value 0', {source: 'proc', intervalMs: 0}],
      ['options: unknown property "filters"', {filters: {}}],
      ['filter: unknown property "pid"', {filter: {pid: [1]}}],
      ['filter: invalid value null', {filter: null}],
      ['pids: invalid value 7', {filter: {pids: 7}}],
      ['pids: invalid value 0', {filter: {pids: [0]}}],
      ['comms: invalid value 7', {filter: {comms: [7]}}],
      [`too long: "${'x'.repeat(80)}..."`, {filter: {comms: ['x'.repeat(257)]}}],
      ['ownerPredicates: invalid value "x"', {filter: {ownerPredicates: ['x']}}],
      ['kind: invalid value undefined', {filter: {endpoints: [{tests: [{endpoint: 'local'}]}]}}],
      ['ports: invalid value 65536', {filter: {endpoints: [predicate({ports: [1, 65_536]})]}}],
      ['ports: invalid value [1]', {filter: {endpoints: [predicate({ports: [1]})]}}],
      ['network: invalid value "::1"', {filter: {endpoints: [predicate({network: '::1'})]}}],
      ['maxConnections: invalid value 67108865', {limits: {maxConnections: 2 ** 26 + 1}}],
      ['btfPath: invalid value 7', {limits: {btfPath: 7}}],
      ['limits: unknown property "bufferSize"', {limits: {bufferSize: 7}}],
      ['follow: invalid value [7]', {follow: [7]}],
      ['pids: invalid value -1', {follow: {pids: [-1]}}],
      ['names: invalid value true', {names: true}],
      ['users: invalid value 1', {names: {users: 1}}],
      ['signal: invalid value "x"', {signal: 'x'}],
      ['intervalMs: invalid value "1"', {intervalMs: '1'}],
      ...[0, -1, 1.5, NaN, Infinity, 2 ** 31].map((updateMs): readonly [string, object] => [
        `updateMs: invalid value ${String(updateMs)}`,
        {updateMs},
      ]),
      ['updateMs: invalid value "1s"', {updateMs: '1s'}],
      ['updateMs: invalid value null', {updateMs: null}],
      ['scans of /proc do not provide numbers of connections', {source: 'proc', updateMs: 1000}],
      ['scans of /proc cannot follow processes', {source: 'proc', follow: {pids: [process.pid]}}],
    ];
    const programs = countPrograms();
    for (const [message, options] of wrong)
      assert.throws(
        () => trace(options),
        (error) => error instanceof TcptraceError && error.exitCode === 2 && error.message === message,
        message,
      );
    assert.equal(countPrograms(), programs, 'nothing was attached');
    assert.throws(() => list({filter: {families: [5 as 4]}}), /families: invalid value 5/);
  });

  it('treats undefined as not given', async () => {
    const options: object = {
      signal: undefined,
      source: PROBE,
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

  for (const names of [undefined, {users: true, args: false, containers: false, hosts: false}])
    it(`return() before the first next() detaches${names ? ', with names' : ''}`, async () => {
      const before = countPrograms();
      const {events} = trace({source: PROBE, ...(names && {names})});
      assert.ok(countPrograms() > before);
      await events.return();
      assert.equal(countPrograms(), before);
      assert.deepEqual(await events.next(), {value: undefined, done: true});
    });

  it('lists open sockets', async () => {
    const {client, server, listener} = await connectPair(stage.actor, '127.0.0.1');
    const {sockets} = list({filter: {pids: [stage.actor.pid]}});
    const inodes = sockets.map(({inode = 0}) => inode).sort((a, b) => a - b);
    assert.deepEqual(
      inodes,
      [client, server, listener].map(({inode}) => inode).sort((a, b) => a - b),
    );
  });
});
