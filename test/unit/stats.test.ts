import assert from 'node:assert/strict';
import {createStats} from '#dist/aggregate/stats.js';
import {notationOf} from '#dist/format/notation.js';
import {reportStats} from '#dist/format/reports/stats.js';
import {ACCEPT, CLOSE, CONNECT, FAIL, LOST, OPEN, UPDATE} from './events.js';
import {tableOf} from './report-text.js';

/** Returns the cells of all rows, including headers. */
function cells(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const COUNTS = ['CONNECT', 'ACCEPT', 'FAIL', 'CLOSE', 'TX', 'RX', 'SYN RETRANS', 'ACCEPT DELAY'];

describe('stats', () => {
  it('count events and bytes per process and remote endpoint, the largest first', () => {
    const stats = createStats();
    for (const event of [FAIL, CONNECT, CONNECT, CLOSE, {...CLOSE, rx_bytes: 5}, OPEN, LOST])
      stats.add(event);
    for (const accept_delay_us of [1000, 42])
      stats.add({...ACCEPT, pid: 1, comm: 'server\x1b', accept_delay_us});
    assert.deepEqual(cells(tableOf(reportStats(stats.rows()))), [
      ['PROCESS', ...COUNTS],
      ['4711 curl', '2', '0', '1', '0', '-', '-', '1', '-'],
      ['42 parent', '0', '0', '0', '2', '24', '5', '-', '-'],
      ['1 server\\x1b', '0', '2', '0', '0', '-', '-', '4', '1ms'],
      ['REMOTE', ...COUNTS],
      ['10.0.0.2:443', '2', '0', '1', '2', '24', '5', '1', '-'],
      ['10.0.0.2', '0', '2', '0', '0', '-', '-', '4', '1ms'],
    ]);
  });

  it('count bytes of live connections by their updates, each byte once', () => {
    const stats = createStats();
    const own = {owner_pid: undefined, inode: 7};
    for (const tx_bytes of [100, 250]) stats.add({...UPDATE, ...own, tx_bytes, rx_bytes: 1});
    stats.add({...UPDATE, tx_bytes: 1000, rx_bytes: 0});
    const bytes = (): (string | undefined)[] =>
      cells(tableOf(reportStats(stats.rows()), {notation: notationOf(true)}))[1]?.slice(5, 7) ?? [];
    assert.deepEqual(bytes(), ['1250', '1']);
    stats.add({...CLOSE, ...own, direction: 'in', tx_bytes: 300, rx_bytes: 1});
    assert.deepEqual(bytes(), ['1300', '1']);
    // another connection of the same socket
    stats.add({...CLOSE, ...own, direction: 'in', tx_bytes: 5, rx_bytes: 0});
    assert.deepEqual(bytes(), ['1305', '1']);
  });

  it('sum the bytes of all rows, unknown without any', () => {
    const stats = createStats();
    stats.add(CONNECT);
    assert.deepEqual(stats.bytes(), {txBytes: undefined, rxBytes: undefined});
    for (const pid of [1, 2]) stats.add({...CLOSE, owner_pid: pid, tx_bytes: 10, rx_bytes: pid});
    assert.deepEqual(stats.bytes(), {txBytes: 20, rxBytes: 3});
  });

  it('have one row per process, with its first name', () => {
    const stats = createStats();
    for (const comm of ['main', 'worker-1', 'worker-2']) stats.add({...CONNECT, comm});
    const [, ...rows] = cells(tableOf(reportStats(stats.rows())));
    assert.deepEqual(rows[0], ['4711 main', '3', '0', '0', '0', '-', '-', '0', '-']);
    assert.equal(rows[1]?.[0], 'REMOTE');
  });

  it('show values that /proc cannot provide as unknown, not 0', () => {
    const stats = createStats();
    const close = {...CLOSE, owner_pid: undefined};
    const seen = {...close, source: 'proc', tx_bytes: undefined, rx_bytes: undefined} as const;
    const figures = (): string[][] =>
      cells(tableOf(reportStats(stats.rows()))).flatMap(([, ...row]) => (row[0] === 'CONNECT' ? [] : [row]));
    for (const event of [{...CONNECT, source: 'proc', syn_retrans: undefined} as const, seen])
      stats.add(event);
    assert.deepEqual(figures(), Array(2).fill(['1', '0', '-', '1', '-', '-', '-', '-']));
    stats.add(close);
    assert.deepEqual(figures(), Array(2).fill(['1', '0', '0', '2', '12', '0', '-', '-']));
  });

  it('show twenty rows of many; memory is bounded and totals are complete', () => {
    const stats = createStats();
    for (let pid = 1; pid <= 10_050; pid++) stats.add({...CONNECT, pid});
    const text = tableOf(reportStats(stats.rows()));
    assert.match(text, /^and 9981 more$/m);
    assert.deepEqual(cells(text)[1], ['others', '50', '0', '0', '0', '-', '-', '0', '-']);
  });
});
