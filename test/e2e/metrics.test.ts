/** --metrics: sums of events, beside any output. */
import assert from 'node:assert/strict';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {findMount} from '#dist/enrich/cgroups.js';
import type {Actor} from '../helpers/actor.js';
import {Container, CONTAINER_ID} from '../helpers/container.js';
import {eventsOf} from '../helpers/expect.js';
import {parseExposition, type Sample, sumOf} from '../helpers/exposition.js';
import {sumEvents, sumSeries} from '../helpers/metric-sums.js';
import {HOSTILE_NAMES, NAME} from '../helpers/metered-names.js';
import {closePair, connectPair, exchange, freePort} from '../helpers/pair.js';
import {metricsUrl, scrape} from '../helpers/scrape.js';
import {skip, suite} from '../helpers/suite.js';
import {Tracer} from '../helpers/tracer.js';

/** Labels with ports may have more values on this host than the default of --max-series. */
const UNLIMITED = ['--max-series', '1000000'];

/** Connects, transfers and fails: three connections and two failures. */
async function work(actor: Actor): Promise<void> {
  for (const address of ['127.0.0.1', '::1', '127.0.0.1']) {
    const pair = await connectPair(actor, address);
    await exchange(pair);
    await closePair(pair);
    await pair.listener.close();
  }
  for (const address of ['127.0.0.1', '::1']) {
    const sock = await actor.socket(address === '::1' ? 6 : 4);
    await sock.tryConnect(address, await freePort(actor, address));
    await sock.close();
  }
}

function openOf(samples: readonly Sample[], comm: string): number {
  return sumOf(samples, 'tcptrace_open_connections', {comm});
}

suite('--metrics', (stage) => {
  it('has the sums of the events that are printed', async () => {
    await stage.actor.setComm(NAME);
    await using tracer = await Tracer.start(['--metrics', '0']);
    await work(stage.actor);
    const events = (await tracer.settled()).filter(({comm}) => comm === NAME);
    const samples = await scrape(metricsUrl(tracer.stderr));
    assert.equal(events.length, 3 * 4 + 2);
    assert.deepEqual(sumSeries(samples, NAME), sumEvents(events));
    assert.equal(sumOf(samples, 'tcptrace_transmit_bytes_total', {comm: NAME}), 3 * 1010);
    assert.equal(openOf(samples, NAME), 0);
    assert.equal(sumOf(samples, 'tcptrace_lost_events_total'), 0);
  });

  it('counts all kinds of events, whichever are printed', async () => {
    await stage.actor.setComm(NAME);
    await using tracer = await Tracer.start(['--metrics', '0', '--event', 'fail']);
    await work(stage.actor);
    const events = await tracer.settled();
    const samples = await scrape(metricsUrl(tracer.stderr));
    assert.deepEqual([...new Set(events.map(({event}) => event))], ['fail']);
    assert.equal(sumOf(samples, 'tcptrace_connections_total', {comm: NAME}), 6);
    assert.equal(sumOf(samples, 'tcptrace_connection_failures_total', {comm: NAME}), 2);
  });

  it('has open connections, preexisting ones too, and their bytes so far', async () => {
    await stage.actor.setComm(NAME);
    const before = await connectPair(stage.actor, '127.0.0.1');
    await before.client.send(5000);
    await before.server.receive(5000);
    await using tracer = await Tracer.start(['--metrics', '0', '-e', 'fail']);
    const url = metricsUrl(tracer.stderr);
    assert.equal(openOf(await scrape(url), NAME), 2);
    const pair = await connectPair(stage.actor, '127.0.0.1');
    await pair.client.send(300);
    await before.client.send(20);
    await tracer.settled();
    const samples = await scrape(url);
    assert.equal(openOf(samples, NAME), 4);
    assert.equal(sumOf(samples, 'tcptrace_transmit_bytes_total', {comm: NAME}), 320);
    await closePair(pair);
    await tracer.settled();
    const closed = await scrape(url);
    assert.equal(openOf(closed, NAME), 2);
    assert.equal(sumOf(closed, 'tcptrace_transmit_bytes_total', {comm: NAME}), 320);
  });

  it('keeps the ports of services', async () => {
    await using tracer = await Tracer.start([
      '--metrics',
      '0',
      '--metrics-labels',
      'lport,rport',
      ...UNLIMITED,
    ]);
    const {client, server, listener} = await connectPair(stage.actor, '127.0.0.1');
    await closePair({client, server});
    await tracer.settled();
    const samples = await scrape(metricsUrl(tracer.stderr));
    const lport = String(listener.port);
    const count = (labels: Readonly<Record<string, string>>): number =>
      sumOf(samples, 'tcptrace_connections_total', labels);
    assert.equal(count({direction: 'in', lport, rport: ''}), 1);
    assert.equal(count({direction: 'out', lport: '', rport: lport}), 1);
    assert.equal(count({lport: String(client.port)}) + count({rport: String(client.port)}), 0);
  });

  it('looks up the container of the process, for the metrics alone', async function () {
    const mount = findMount();
    if (mount === undefined) skip(this, 'no unified hierarchy of cgroups');
    using container = new Container(mount);
    await using child = await stage.actor.fork();
    container.put(child.pid);
    await using tracer = await Tracer.start([
      '--metrics',
      '0',
      '--metrics-labels',
      'container,lport',
      ...UNLIMITED,
    ]);
    const {client, server, listener} = await connectPair(stage.actor, '127.0.0.1', {server: child});
    await closePair({client, server});
    const events = eventsOf(await tracer.settled(), server);
    const samples = await scrape(metricsUrl(tracer.stderr));
    const labels = {direction: 'in', container: CONTAINER_ID, lport: String(listener.port)};
    assert.equal(sumOf(samples, 'tcptrace_connections_total', labels), 1);
    assert.deepEqual(
      events.map(({event, container: named}) => [event, named]),
      [
        ['accept', undefined],
        ['close', undefined],
      ],
    );
  });

  for (const [what, name] of Object.entries(HOSTILE_NAMES)) {
    it(`has names with ${what}`, async () => {
      const label = name.toString();
      await stage.actor.setComm(name);
      await using tracer = await Tracer.start(['--metrics', '0']);
      await work(stage.actor);
      const events = (await tracer.settled()).filter(({comm}) => comm === label);
      const samples = await scrape(metricsUrl(tracer.stderr));
      assert.deepEqual(sumSeries(samples, label), sumEvents(events));
      assert.equal(sumOf(samples, 'tcptrace_connections_total', {comm: label}), 6);
    });
  }

  it('counts processes beyond --max-series as other', async () => {
    const filter = ['--pid', String(stage.actor.pid)];
    await using tracer = await Tracer.start(['--metrics', '0', '--max-series', '3', ...filter]);
    for (const name of ['first', 'second', 'third', 'first']) {
      await stage.actor.setComm(name);
      const pair = await connectPair(stage.actor, '127.0.0.1');
      await closePair(pair);
      await tracer.waitForEvent(pair.server, 'close');
    }
    const samples = await scrape(metricsUrl(tracer.stderr));
    const count = (comm: string): number => sumOf(samples, 'tcptrace_connections_total', {comm});
    // each has two combinations, one for each direction
    assert.deepEqual(['first', 'second', 'third', 'other'].map(count), [4, 1, 0, 3]);
    assert.equal(sumOf(samples, 'tcptrace_label_sets'), 3);
    assert.equal(sumOf(samples, 'tcptrace_other_connections_total'), 3);
    assert.equal(openOf(samples, 'other'), 0);
  });

  it('is written to a file, completely at the end', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    try {
      const file = path.join(folder, 'tcptrace.prom');
      await stage.actor.setComm(NAME);
      await using tracer = await Tracer.start(['--metrics-textfile', file]);
      assert.equal(readFileSync(file, 'utf8'), '');
      await work(stage.actor);
      await tracer.settled();
      const {events, code} = await tracer.stop();
      assert.equal(code, 0);
      const samples = parseExposition(readFileSync(file, 'utf8'));
      assert.deepEqual(sumSeries(samples, NAME), sumEvents(events.filter(({comm}) => comm === NAME)));
      assert.ok(samples.every(({name}) => name.startsWith('tcptrace_')));
      assert.deepEqual(readdirSync(folder), ['tcptrace.prom']);
    } finally {
      rmSync(folder, {recursive: true});
    }
  });
});
