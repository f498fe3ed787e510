/** --host-name: the name of the host in events and in listings. */
import assert from 'node:assert/strict';
import {hostname} from 'node:os';
import {eventsOf} from '../helpers/expect.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import {Tracer} from '../helpers/tracer.js';
import {tcptrace} from '../cli/run.js';

suite('host name', (stage) => {
  for (const [name, host] of [
    ['web-1', 'web-1'],
    ['auto', hostname()],
  ] as const) {
    it(`--host-name ${name}: every event has it, after its source`, async () => {
      await using tracer = await Tracer.start(['--host-name', name]);
      const pair = await connectPair(stage.actor, '127.0.0.1');
      await closePair(pair);
      const events = await tracer.settled();
      for (const sock of [pair.client, pair.server])
        for (const event of eventsOf(events, sock)) {
          assert.equal(event.host, host);
          assert.deepEqual(Object.keys(event).slice(0, 4), ['time', 'event', 'source', 'host']);
        }
    });
  }

  it('list: JSON has it, by eBPF and by /proc', async () => {
    const pair = await connectPair(stage.actor, '127.0.0.1');
    for (const source of [[], ['--proc']]) {
      const args = ['list', '--ndjson', '--quiet', '--host-name', 'a"b', '--pid', String(stage.actor.pid)];
      const {stdout, status} = tcptrace([...args, ...source]);
      assert.equal(status, 0);
      const hosts = stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as {readonly host?: string}).host);
      assert.ok(hosts.length >= 2);
      assert.deepEqual([...new Set(hosts)], ['a"b']);
    }
    await closePair(pair);
  });
});
