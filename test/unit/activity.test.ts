import assert from 'node:assert/strict';
import {PassThrough} from 'node:stream';
import type {ReadStream} from 'node:tty';
import {formatHistory} from '#dist/format/reports/activity/figures.js';
import {sortActivity} from '#dist/format/reports/activity/sort.js';
import {
  type ActivityView,
  formatActivity,
  formatTotals,
  pickActivity,
} from '#dist/format/reports/activity/table.js';
import {type Activity, createRow} from '#dist/aggregate/activity-row.js';
import {createActivityMeter} from '#dist/aggregate/activity.js';
import {formatSubject} from '#dist/format/table/cells.js';
import {describeKeys, describeRows, type Extent, pressKey, type TopView} from '#dist/cli/top/view.js';
import {formatBytes} from '#dist/model/units/format.js';
import {notationOf} from '#dist/format/notation.js';
import type {TraceEvent} from '#dist/model/event.js';
import {createKeyboard} from '#dist/terminal/keys.js';
import {createPaint} from '#dist/terminal/paint.js';
import {textWidth} from '#dist/terminal/width.js';

const paint = createPaint(0);
const NO_COLUMNS = {
  ...{process: [], program: [], connection: [], remote: []},
  ...{lport: [], user: [], container: [], pod: []},
};
const notation = notationOf(false);

function event(kind: TraceEvent['event'], more: object = {}): TraceEvent {
  const connection = {pid: 7, comm: 'web', family: 4, raddr: '192.0.2.1', rport: 443, direction: 'out'};
  return {
    time: '2026-11-24T00:00:00.0Z',
    source: 'fentry',
    event: kind,
    ...connection,
    ...more,
  } as TraceEvent;
}

function measure(...events: TraceEvent[]) {
  const meter = createActivityMeter();
  for (const it of events) meter.add(it);
  meter.tick();
  return meter;
}

const nameOf = ({subject}: Activity): string => formatSubject(subject);

function only<T>(values: readonly T[]): T {
  assert.equal(values.length, 1);
  return values[0] as T;
}

describe('activity', () => {
  it('counts opened, open, failed and closed connections', () => {
    const meter = measure(
      event('open'),
      event('connect'),
      event('accept'),
      event('fail'),
      event('close', {tx_bytes: 10, rx_bytes: 20, rtt_us: 100, retrans: 3, duration_us: 1}),
    );
    const {history, rates, first, names, withPeer, last, ...rest} = only(meter.rows('process'));
    assert.deepEqual([first, names, withPeer], [event('open'), undefined, undefined]);
    assert.deepEqual(history, [0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    assert.deepEqual(rates, [0, 0, 0, 0, 0, 0, 0, 0, 0, 30]);
    assert.deepEqual(last, {
      opened: 2,
      fails: 1,
      txBytes: 10,
      rxBytes: 20,
      retrans: 3,
      lacksTotals: false,
    });
    assert.deepEqual(rest, {
      subject: {kind: 'process', pid: 7, comm: 'web'},
      seconds: 1,
      total: 2,
      open: 2,
      fails: 1,
      txBytes: 10,
      rxBytes: 20,
      rttUs: 100,
    });
  });

  it('attributes a connection to its opener, even if another process closes it', () => {
    const close = event('close', {pid: 8, comm: 'child', owner_pid: 7, owner_comm: 'web'});
    assert.equal(only(measure(event('accept'), close).rows('process')).open, 0);
  });

  it('never counts below 0 when a preexisting connection closes', () => {
    assert.equal(only(measure(event('close'), event('connect')).rows('process')).open, 1);
  });

  it('remote endpoints: shows the port of the server, not that of a client', () => {
    const incoming = event('accept', {direction: 'in', rport: 50_000});
    const names = measure(event('connect'), incoming).rows('remote').map(nameOf);
    assert.deepEqual(names.sort(), ['192.0.2.1', '192.0.2.1:443']);
  });

  it('expires a row without open connections after an idle history', () => {
    const meter = measure(event('connect'), event('close'), event('connect', {pid: 8}));
    for (let interval = 0; interval < 10; interval++) meter.tick();
    assert.deepEqual(meter.rows('process').map(nameOf), ['8 web']);
  });

  it('expires a row with only failures after 60 idle intervals', () => {
    const meter = measure(event('fail', {comm: 'first'}));
    const name = () => meter.rows('process').map(nameOf);
    for (let interval = 0; interval < 59; interval++) meter.tick();
    assert.deepEqual(name(), ['7 first']);
    meter.add(event('fail'));
    meter.tick(1000);
    meter.tick(59);
    assert.deepEqual(name(), ['7 first']);
    meter.tick();
    meter.add(event('connect', {comm: 'second'}));
    assert.deepEqual(name(), ['7 second']);
  });

  it('keeps a row with failures while a connection is open', () => {
    const meter = measure(event('fail'), event('connect'));
    meter.tick(1000);
    meter.add(event('close'));
    meter.tick();
    meter.tick(59);
    assert.equal(meter.rows('process').length, 1);
    meter.tick();
    assert.equal(meter.rows('process').length, 0);
  });

  it('distributes events evenly over several intervals', () => {
    const meter = measure(event('connect'));
    for (let made = 0; made < 6; made++) meter.add(event('connect'));
    meter.tick(3);
    assert.deepEqual(only(meter.rows('process')).history, [0, 0, 0, 0, 0, 0, 1, 2, 2, 2]);
    meter.tick(1000);
    assert.deepEqual(only(meter.rows('process')).history, Array(10).fill(0));
  });

  it('extrapolates the rate of a partial interval', () => {
    const meter = measure();
    assert.equal(meter.hasNews(), false);
    meter.add(event('connect'));
    assert.equal(meter.hasNews(), true);
    meter.tick(0.25);
    assert.deepEqual(only(meter.rows('process')).history, [0, 0, 0, 0, 0, 0, 0, 0, 0, 4]);
    assert.equal(meter.hasNews(), false);
  });

  it('is bounded: combines further rows', () => {
    const events = Array.from({length: 10_005}, (_, pid) => event('connect', {pid: pid + 1}));
    const rows = measure(...events).rows('process');
    assert.equal(rows.length, 10_001);
    assert.equal(rows.find(({subject}) => subject.kind === 'others')?.total, 5);
  });

  it('does not change rows that were returned', () => {
    const meter = measure(event('connect'));
    const shown = meter.rows('process');
    const before = structuredClone(shown);
    meter.add(event('connect'));
    meter.tick();
    assert.deepEqual(shown, before);
  });

  it('sums lost events', () => {
    const lost = {time: '', source: 'fentry', event: 'lost', count: 3} as const;
    assert.equal(measure(lost, lost).lost(), 6);
  });
});

describe('activity table', () => {
  const row = (name: string, more: Partial<Activity> = {}): Activity => ({
    ...createRow({subject: {kind: 'remote', family: 4, address: name, port: undefined}}),
    fails: 0,
    txBytes: 0,
    rxBytes: 0,
    ...more,
  });
  const view: ActivityView = {
    grouping: 'process',
    sort: 'new',
    filter: '',
    nameColumns: NO_COLUMNS,
    source: 'fentry',
  };

  it('sorts by value, then by name', () => {
    const rows = [row('c', {open: 1}), row('b', {fails: 5}), row('a')];
    const names = (key: 'new' | 'open' | 'fails') => sortActivity(rows, key).map(nameOf);
    assert.deepEqual(names('new'), ['c', 'a', 'b']);
    assert.deepEqual(names('fails'), ['b', 'c', 'a']);
  });

  it('bars: blank for 0, visible for the least, full for the most', () => {
    assert.equal(formatHistory([0, 1, 50, 100], 100), ' ▁▄█');
  });

  it('shows rates per second', () => {
    const rows = [row('a', {history: [0, 0, 0, 0, 0, 0, 0, 0, 0, 5], rttUs: 1500.4})];
    const [, line] = formatActivity(rows, view, 2000, {paint, notation, width: 200});
    assert.match(line ?? '', /^a +0 +0 +0 +1\.5ms +2\.5 +0 +0 +0 +0 +0 +█$/);
    assert.equal(
      formatTotals(rows, 1000, 2, 'fentry'),
      '0/s sent, 0/s received, 5 new/s, 0 open, 0 failed, 2 events lost',
    );
  });

  it('shows values that /proc cannot provide as unknown, not 0', () => {
    const scanned = ['connect', 'close'].map((kind) => event(kind as 'connect', {source: 'proc'}));
    const rows = measure(...scanned).rows('process');
    const [, line] = formatActivity(rows, {...view, source: 'proc'}, 1000, {paint, notation, width: 200});
    assert.match(line ?? '', /^ +7 web +- +1 +0 +1 +- +- +- +█$/);
    assert.equal(formatTotals(rows, 1000, 0, 'proc'), '1 new/s, 0 open');
  });

  it('fits the size of the terminal', () => {
    const rows = Array.from({length: 50}, (_, index) => row(`${'名'.repeat(60)}${String(index)}`));
    for (const columns of [20, 60, 100, 300])
      for (const lines of [1, 5, 40]) {
        const text = formatActivity(pickActivity(rows, view, lines - 1), view, 1000, {
          paint,
          notation,
          width: columns,
        });
        assert.equal(text.length, lines);
        for (const line of text) assert.ok(textWidth(line) <= columns, line);
      }
  });

  it('filters names by a substring, ignoring case', () => {
    const rows = [row('12 Nginx'), row('13 curl')];
    const names = pickActivity(rows, {...view, filter: 'nGi'}, 10).map(nameOf);
    assert.deepEqual(names, ['12 Nginx']);
  });
});

describe('formatted sizes', () => {
  it('have three digits', () => {
    const sizes = [0, 999, 1000, 1024, 123_456, 999 * 1024, 1_048_576, 5e9];
    assert.deepEqual(sizes.map(formatBytes), [
      '0',
      '999',
      '0.977K',
      '1.00K',
      '121K',
      '999K',
      '1.00M',
      '4.66G',
    ]);
  });
});

describe('keys', () => {
  /** Returns the keys of input that arrives in these pieces. */
  function keysOf(...pieces: readonly (string | Buffer)[]): readonly string[] {
    const keys: string[] = [];
    const stdin = Object.assign(new PassThrough(), {setRawMode: () => undefined}) as unknown as ReadStream;
    const keyboard = createKeyboard(stdin, (key) => keys.push(key));
    keyboard.grab();
    for (const piece of pieces) stdin.emit('data', Buffer.from(piece));
    keyboard.release();
    return keys;
  }

  it('are parsed; unknown ones are ignored', () => {
    assert.deepEqual(keysOf('gs\x03\x1a'), ['g', 's', 'interrupt', 'suspend']);
    assert.deepEqual(keysOf('\x1b[A\x1b[B\x1b[5~\x1b[6~\x1b[H\x1b[F\x1bOHg\x1bOP\x1b[15~'), [
      ...['up', 'down', 'pageup', 'pagedown', 'home', 'end', 'home', 'g'],
    ]);
    assert.deepEqual(keysOf('\r\x7f?+-/ '), ['enter', 'backspace', '?', '+', '-', '/', ' ']);
    assert.deepEqual(keysOf('\x01\x02'), []);
  });

  it('a character that two reads split is one key', () => {
    const pieces = Array.from(Buffer.from('aü€'), (byte) => Buffer.of(byte));
    assert.deepEqual(keysOf(...pieces), ['a', 'ü', '€']);
  });

  const VIEW: TopView = {
    grouping: 'process',
    sort: 'new',
    filter: '',
    nameColumns: NO_COLUMNS,
    source: 'fentry',
    isPaused: false,
    isTyping: false,
    isReversed: false,
    showsKeys: false,
    offset: 0,
    intervalMs: 1000,
  };
  const keys = (key: string, times: number): string[] => new Array<string>(times).fill(key);
  const press = (...keys: string[]): TopView => pressIn({total: 100, page: 20}, ...keys);
  const pressIn = (extent: Extent, ...keys: string[]): TopView =>
    keys.reduce((view, key) => pressKey(view, key, extent), VIEW);

  it('switch the view, sort, pause', () => {
    assert.equal(press('g').grouping, 'program');
    assert.equal(press('g', 'g', 'g').grouping, 'remote');
    assert.equal(press(...keys('g', 8)).grouping, 'process');
    assert.equal(press('s').sort, 'open');
    assert.equal(press(...keys('s', 7)).sort, 'retrans');
    assert.equal(press(...keys('s', 8)).sort, 'rate');
    assert.equal(press(...keys('s', 9)).sort, 'new');
    assert.equal(
      keys('s', 3).reduce<TopView>((view, key) => pressKey(view, key, {total: 1, page: 1}), {
        ...VIEW,
        source: 'proc',
      }).sort,
      'new',
    );
    assert.ok(press('p').isPaused);
    assert.ok(!press('p', ' ').isPaused);
    assert.equal(press('x'), VIEW);
  });

  it('scroll within the rows', () => {
    const offsetOf = (...keys: string[]): number => press(...keys).offset;
    assert.deepEqual([offsetOf('down', 'down'), offsetOf('down', 'up', 'up')], [2, 0]);
    assert.deepEqual([offsetOf('pagedown'), offsetOf('pagedown', 'pagedown', 'pageup')], [20, 20]);
    assert.deepEqual([offsetOf('end'), offsetOf('end', 'down'), offsetOf('end', 'home')], [80, 80, 0]);
    assert.equal(pressIn({total: 5, page: 20}, 'end').offset, 0);
    assert.equal(offsetOf('end', 's'), 0);
  });

  it('say how many rows there are', () => {
    assert.equal(describeRows(0, {total: 20, page: 20}), undefined);
    assert.equal(describeRows(16, {total: 57, page: 16}), 'rows 17-32 of 57: 16 more above, 25 below');
  });

  it('reverse, change the interval, explain themselves', () => {
    assert.ok(press('r').isReversed);
    assert.ok(!press('r', 'r').isReversed);
    assert.deepEqual([press('+').intervalMs, press('-').intervalMs], [2000, 500]);
    assert.deepEqual([press(...keys('+', 20)).intervalMs, press(...keys('-', 20)).intervalMs], [60_000, 100]);
    assert.ok(press('?').showsKeys);
    assert.deepEqual(press('?', 'g'), VIEW);
  });

  it('are text while a filter is typed', () => {
    assert.deepEqual(press('/', 'g', 's', 'q', 'backspace'), {...VIEW, isTyping: true, filter: 'gs'});
    assert.deepEqual(press('/', 'g', 'enter'), {...VIEW, filter: 'g'});
    assert.deepEqual(press('/', 'g', 'escape'), VIEW);
    assert.deepEqual(press('/', 'g', 'enter', 'escape'), VIEW);
    assert.equal(press('/', ...new Array<string>(100).fill('x')).filter.length, 64);
  });

  it('are described in the help line', () => {
    assert.match(describeKeys(press('/', 'a')), /^filter: a_/);
    assert.match(describeKeys(press('/', 'a', 'enter', 'p')), /filter "a" .*paused/);
  });
});
