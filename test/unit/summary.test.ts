import assert from 'node:assert/strict';
import {reportDiagnosis} from '#dist/format/reports/diagnosis.js';
import {createTally, formatSummary} from '#dist/format/summary.js';
import {createPaint} from '#dist/terminal/paint.js';
import {ACCEPT, CLOSE, CONNECT, FAIL, LOST, OPEN} from './events.js';
import {jsonOf, tableOf} from './report-text.js';

describe('summary', () => {
  it('counts events by kind, and lost events', () => {
    const tally = createTally();
    assert.equal(formatSummary(tally, 'kprobe', 0), '0 events, 0 lost, by kprobe in 0.0 s');
    tally.add(FAIL);
    assert.equal(formatSummary(tally, 'kprobe', 1.26), '1 event (1 fail), 0 lost, by kprobe in 1.3 s');
    for (const event of [CLOSE, CONNECT, CLOSE, ACCEPT, OPEN, LOST, LOST]) tally.add(event);
    assert.equal(
      formatSummary(tally, 'fentry', 3600),
      '6 events (1 connect, 1 accept, 2 close, 1 fail, 1 open), 34 lost, by fentry in 3600.0 s',
    );
    assert.equal(
      formatSummary(tally, 'proc', 1),
      '6 events (1 connect, 1 accept, 2 close, 1 fail, 1 open), by proc in 1.0 s',
    );
    assert.equal(
      formatSummary(createTally(), 'fentry', 1, {txBytes: 12, rxBytes: 5}),
      '0 events, 12 bytes sent, 5 received, 0 lost, by fentry in 1.0 s',
    );
    assert.deepEqual(tally.counts, {connect: 1, accept: 1, close: 2, fail: 1, open: 1, update: 0, lost: 34});
  });
});

describe('diagnosis', () => {
  const diagnosis = {
    kernel: '6.1.0',
    arch: 'x86_64',
    features: [
      {name: 'fentry', ok: true, detail: ''},
      {name: 'kprobe', ok: false, detail: 'no kprobes'},
    ],
    probe: 'fentry',
  };

  it('is a table', () => {
    const text = tableOf(reportDiagnosis(diagnosis), {paint: createPaint(0)});
    assert.match(text, /^Linux 6\.1\.0 x86_64\n/);
    assert.match(text, /fentry +│ yes +│ +│\n/);
    assert.match(text, /kprobe +│ no +│ no kprobes +│\n/);
    assert.match(text, /\n--probe auto takes fentry\n$/);
    assert.doesNotMatch(text, /\x1b/);
    assert.match(
      tableOf(reportDiagnosis({...diagnosis, probe: null}), {paint: createPaint(0)}),
      /\nno eBPF probe works here; --proc shows what can be seen without\n$/,
    );
    assert.match(
      tableOf(reportDiagnosis({...diagnosis, probe: 'proc'}), {paint: createPaint(1)}),
      /\x1b\[1m\x1b\[31mno eBPF probe works here; --probe auto falls back to \/proc\x1b\[39m\x1b\[22m\n$/,
    );
    assert.match(tableOf(reportDiagnosis(diagnosis), {paint: createPaint(1)}), /\x1b\[94myes\x1b\[39m/);
  });

  it('is one JSON document with --json', () => {
    assert.deepEqual(JSON.parse(jsonOf(reportDiagnosis(diagnosis))), diagnosis);
  });
});
