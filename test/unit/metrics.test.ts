/** Metrics: counting by labels, the limit of their combinations, and the text for Prometheus. */
import assert from 'node:assert/strict';
import type {MetricLabel} from '#dist/aggregate/metrics/labels.js';
import {createMeter, type Meter} from '#dist/aggregate/metrics/meter.js';
import {createFamilies} from '#dist/format/metrics/families.js';
import {createExposition} from '#dist/format/metrics/registry.js';
import type {Source, TraceEvent} from '#dist/model/event.js';
import {parseExposition, type Sample, sumOf} from '../helpers/exposition.js';
import {ACCEPT, CLOSE, CONNECT, FAIL as FAILED, LOST, OPEN, UPDATE} from './events.js';

const LABELS: readonly MetricLabel[] = ['comm'];

function count(events: readonly TraceEvent[], labels = LABELS, maxSeries = 100): Meter {
  const meter = createMeter({labels, maxSeries});
  for (const event of events) meter.add(event);
  return meter;
}

async function read(meter: Meter, labels = LABELS, source: Source = 'fentry'): Promise<readonly Sample[]> {
  const families = createFamilies(['direction', ...labels], meter.series, source);
  return parseExposition(await createExposition(families, false)());
}

/** Returns the value of each series of a name, by its labels. */
function valuesOf(samples: readonly Sample[], wanted: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    samples
      .filter(({name}) => name === wanted)
      .map(({labels, value}) => [Object.values(labels).join(' '), value]),
  );
}

const OUT = {...CONNECT, direction: 'out', inode: 1, syn_retrans: 1} as const;
const IN = {...ACCEPT, direction: 'in', inode: 2, syn_retrans: 2} as const;
const FAIL = {...FAILED, comm: 'nc', error: 'ECONNREFUSED', syn_retrans: 3} as const;

function closeOf({inode, direction}: typeof OUT | typeof IN) {
  const totals = {tx_bytes: 7, rx_bytes: 9, retrans: 2};
  return {...CLOSE, inode, direction, owner_pid: undefined, ended_by: 'remote', ...totals} as const;
}

describe('metrics', () => {
  it('count connections, failures, closes, bytes and retransmissions', async () => {
    const samples = await read(
      count([OUT, IN, FAIL, {...FAIL, error: 'ETIMEDOUT'}, closeOf(OUT), {...LOST, count: 3}]),
    );
    assert.deepEqual(valuesOf(samples, 'tcptrace_connections_total'), {'out curl': 1, 'in curl': 1});
    assert.deepEqual(valuesOf(samples, 'tcptrace_connection_failures_total'), {
      'out nc ECONNREFUSED': 1,
      'out nc ETIMEDOUT': 1,
    });
    assert.deepEqual(valuesOf(samples, 'tcptrace_connections_closed_total'), {
      'out curl remote': 1,
    });
    assert.deepEqual(valuesOf(samples, 'tcptrace_open_connections'), {
      'out curl': 0,
      'in curl': 1,
      'out nc': 0,
    });
    assert.deepEqual(valuesOf(samples, 'tcptrace_transmit_bytes_total'), {'out curl': 7});
    assert.deepEqual(valuesOf(samples, 'tcptrace_receive_bytes_total'), {'out curl': 9});
    assert.deepEqual(valuesOf(samples, 'tcptrace_retransmits_total'), {'out curl': 2});
    assert.deepEqual(valuesOf(samples, 'tcptrace_syn_retransmits_total'), {
      'out curl': 1,
      'in curl': 2,
      'out nc': 6,
    });
  });

  it('count each byte once, by updates or by the close', async () => {
    const update = {...UPDATE, inode: 1, direction: 'out', tx_bytes: 5, rx_bytes: 5, retrans: 0} as const;
    const samples = await read(count([OUT, update, {...update, tx_bytes: 6}, closeOf(OUT)]));
    assert.equal(sumOf(samples, 'tcptrace_transmit_bytes_total'), 7);
    assert.equal(sumOf(samples, 'tcptrace_receive_bytes_total'), 9);
  });

  it('count a preexisting connection as open, and its bytes since the trace began', async () => {
    const open = {...OPEN, inode: 1, direction: 'out'} as const;
    const update = {...UPDATE, inode: 1, direction: 'out', tx_bytes: 1000, rx_bytes: 2000} as const;
    const meter = count([open, update]);
    assert.equal(sumOf(await read(meter), 'tcptrace_open_connections'), 1);
    meter.add({...closeOf(OUT), tx_bytes: 1003, rx_bytes: 2000, duration_us: undefined});
    const samples = await read(meter);
    assert.equal(sumOf(samples, 'tcptrace_open_connections'), 0);
    assert.equal(sumOf(samples, 'tcptrace_transmit_bytes_total'), 3);
    assert.equal(sumOf(samples, 'tcptrace_connections_total'), 0);
    assert.equal(sumOf(samples, 'tcptrace_connections_closed_total'), 1);
  });

  it('count a close for the opener, also if another process closes or the opener has a new name', async () => {
    const close = {...closeOf(OUT), comm: 'child', owner_pid: OUT.pid, owner_comm: 'renamed'};
    const samples = await read(count([OUT, close]));
    assert.deepEqual(valuesOf(samples, 'tcptrace_connections_closed_total'), {
      'out curl remote': 1,
    });
    assert.deepEqual(valuesOf(samples, 'tcptrace_open_connections'), {'out curl': 0});
  });

  it('count one open connection of a socket, if a close was lost', async () => {
    const samples = await read(count([OUT, LOST, {...OUT, comm: 'later'}]));
    assert.deepEqual(valuesOf(samples, 'tcptrace_open_connections'), {'out curl': 0, 'out later': 1});
  });

  it('are cumulative in histograms of seconds', async () => {
    const latencies = [0, 100, 101, 1_000_000, 30_000_000, 30_000_001, undefined];
    const samples = await read(count(latencies.map((latency_us, inode) => ({...OUT, inode, latency_us}))));
    const buckets = samples.filter(({name}) => name === 'tcptrace_connect_latency_seconds_bucket');
    assert.deepEqual(
      buckets.map(({labels: {le}, value}) => [le, value]),
      [
        ...[0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3].map((le) => [
          String(le),
          le < 0.0002 ? 2 : 3,
        ]),
        ...[
          ['1', 4],
          ['3', 4],
          ['10', 4],
          ['30', 5],
          ['+Inf', 6],
        ],
      ],
    );
    assert.equal(sumOf(samples, 'tcptrace_connect_latency_seconds_count'), 6);
    assert.equal(sumOf(samples, 'tcptrace_connect_latency_seconds_sum'), 61.000202);
  });

  it('have the port that was connected to, never an ephemeral one', async () => {
    const labels: readonly MetricLabel[] = ['lport', 'rport'];
    const samples = await read(count([OUT, IN, FAIL], labels), labels);
    assert.deepEqual(
      samples
        .filter(({name}) => name === 'tcptrace_open_connections')
        .map(({labels: {direction, lport, rport}}) => [direction, lport, rport]),
      [
        ['out', '', String(OUT.rport)],
        ['in', String(IN.lport), ''],
      ],
    );
  });

  it('count further combinations of labels as other', async () => {
    const names = ['a', 'b', 'other', 'c', 'd', 'a'];
    const meter = count(
      names.map((comm, inode) => ({...OUT, inode, comm})),
      LABELS,
      2,
    );
    assert.deepEqual(valuesOf(await read(meter), 'tcptrace_connections_total'), {
      'out a': 2,
      'out b': 1,
      'out other': 3,
    });
    assert.deepEqual([meter.size(), meter.folded()], [2, 2]);
  });

  it('keep label values of any characters', async () => {
    const names = ['"} 1\n# x', 'back\\slash\\n', 'a\tb\r\u001b[2J', '\ufffd\u202e漢', '\ud800'];
    const samples = await read(count(names.map((comm, inode) => ({...OUT, inode, comm}))));
    const comms = samples
      .filter(({name}) => name === 'tcptrace_connections_total')
      .map(({labels: {comm = ''}}) => comm);
    assert.deepEqual(comms, names);
  });

  it('lack what scans of /proc do not see', async () => {
    const meter = count([OUT, closeOf(OUT)]);
    const names = new Set(
      (await read(meter, LABELS, 'proc')).map(({name}) => name.replace(/_bucket|_sum|_count/, '')),
    );
    assert.deepEqual(
      [...names],
      [
        'tcptrace_connections_total',
        'tcptrace_connections_closed_total',
        'tcptrace_open_connections',
        'tcptrace_connection_duration_seconds',
      ],
    );
  });
});
