import assert from 'node:assert/strict';
import fc from 'fast-check';
import stringWidth from 'string-width';
import type {TraceEvent} from '#dist/model/event.js';
import {fitDetail, formatDetail, formatOutcome} from '#dist/format/detail.js';
import {createLocalTimeFormatter, type TimeStyle} from '#dist/format/times.js';
import {DEFAULT_COLUMNS, WIDE_COLUMNS} from '#dist/format/table/columns.js';
import {notationOf} from '#dist/format/notation.js';
import {createTable, type TableOptions} from '#dist/format/table/table.js';
import {createPaint} from '#dist/terminal/paint.js';
import {cutEnd, cutMiddle, textWidth} from '#dist/terminal/width.js';
import {
  ACCEPT,
  anyEvent,
  BARE,
  CLOSE,
  CONNECT,
  FAIL,
  LOST,
  OPEN,
  PEER,
  PEER_NAMES,
  UPDATE,
} from './events.js';

/** A row without other columns. */
const ALONE = {shown: new Set<string>(), notation: notationOf(false)};

const HEADER = /^TIME +EVENT +PID +UID +COMM +LOCAL +REMOTE +NETNS +INODE DETAIL$/;

/** A terminal on which nothing is cut. */
const TERMINAL = {columns: DEFAULT_COLUMNS, width: () => 10_000};

/** Formats events as lines of a table. */
function lines(...events: TraceEvent[]): string[] {
  return linesOn({}, ...events);
}

function linesOn(options: TableOptions, ...events: TraceEvent[]): string[] {
  const {format} = createTable(createPaint(0), options);
  const text = events.map(format).join('');
  assert.ok(text.endsWith('\n'));
  return text.slice(0, -1).split('\n');
}

/** Returns the display column at which a text begins. */
function column(line: string, text: string): number {
  const index = line.indexOf(text);
  assert.notEqual(index, -1, `${text} is not in: ${line}`);
  return stringWidth(line.slice(0, index));
}

describe('table', () => {
  it('prints one row per event under one header', () => {
    const [header = '', ...rows] = lines(CONNECT, ACCEPT, CLOSE, FAIL, OPEN, LOST);
    assert.match(header, HEADER);
    const cells = rows.map((row) => row.slice('HH:MM:SS.uuuuuu '.length).split(/ +/));
    const who = ['4711', '1000', 'curl', '10.0.0.1:40000', '10.0.0.2:443', '4026531840', '123456'];
    assert.deepEqual(cells, [
      ['connect', ...who, 'out', 'latency=1.23ms'],
      ['accept', ...who, 'in', 'delay=42us', 'syn-retrans=2'],
      [
        ...['close', ...who, 'out', 'duration=12.3s', 'tx=12', 'rx=0', 'ended-by=remote-reset', 'rtt=31us'],
        ...['retrans=0', 'owner=42/parent'],
      ],
      ['fail', ...who, 'ECONNREFUSED', 'latency=20us', 'syn-retrans=1'],
      ['open', ...who, 'unknown'],
      ['lost', '-', '-', '-', '-', '-', '-', '-', '17', 'events', 'lost'],
    ]);
  });

  it('aligns text left and numbers right', () => {
    const [header = '', ...rows] = lines(CONNECT, {...ACCEPT, pid: 1, uid: 0, comm: '漢字', inode: 7});
    for (const row of rows) {
      for (const [title, text] of [
        ['LOCAL', '10.0.0.1:'],
        ['REMOTE', '10.0.0.2:'],
      ] as const) {
        assert.equal(column(row, text), column(header, title));
      }
      const end = (line: string, cell: string): number => column(line, ` ${cell} `) + cell.length;
      assert.equal(end(row, '4026531840'), end(header, 'NETNS'));
      assert.equal(column(row, row.includes('connect') ? 'out' : 'in'), column(header, 'DETAIL'));
    }
    const ends = rows.map((row) => /^\S+ +\S+ +\d+/.exec(row)?.[0].length);
    assert.deepEqual(ends, [column(header, 'PID') + 3, column(header, 'PID') + 3]);
  });

  it('shows unknown values as -', () => {
    const [, row = ''] = lines(BARE);
    assert.deepEqual(row.split(/ +/).slice(1), [
      ...['close', '-', '-', '-', '-', '[2001:db8::1]:1', '-', '-', 'unknown'],
    ]);
    const [, half = ''] = lines({...BARE, laddr: '::1'});
    assert.ok(half.includes(' [::1]:* '), half);
    const [, other = ''] = lines({...BARE, lport: 80, comm: ''});
    assert.ok(other.includes(' *:80 '), other);
  });

  it('widens columns for longer values; repeats the header on a terminal, not in a pipe', () => {
    const remote = '2001:db8:1111:2222:3333:4444:5555:6666';
    const long = {...CONNECT, family: 6, laddr: 'fe80::1', raddr: remote, rport: 65_535} as const;
    const [first = '', before = '', second = '', grown = '', after = '', ...more] = linesOn(
      TERMINAL,
      CONNECT,
      long,
      ACCEPT,
    );
    assert.deepEqual(more, []);
    assert.deepEqual(
      lines(CONNECT, long, ACCEPT).map((line) => HEADER.test(line)),
      [true, false, false, false],
    );
    assert.match(first, HEADER);
    assert.match(second, HEADER);
    assert.equal(column(before, '4026531840') + 10, column(first, 'NETNS') + 5);
    for (const row of [grown, after]) {
      assert.equal(column(row, '4026531840') + 10, column(second, 'NETNS') + 5);
    }
    assert.ok(grown.includes(` [fe80::1%veth0]:40000 `));
    assert.ok(grown.includes(` [${remote}]:65535 `));
  });

  it('keeps a hostile name in its row and column', () => {
    const [header = '', row = '', ...more] = lines({...CONNECT, comm: '\x1b[2J\n\u202e'});
    assert.deepEqual(more, []);
    assert.equal(column(row, '10.0.0.1:'), column(header, 'LOCAL'));
    assert.ok(row.includes(' \\x1b[2J\\x0a\\u{202e} '), row);
  });

  it('prints one aligned row for each random event', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, {minLength: 1, maxLength: 10}), (events) => {
        const {format} = createTable(createPaint(0), TERMINAL);
        let header = '';
        for (const event of events) {
          const [last, row = '', above, ...more] = format(event).split('\n').reverse();
          assert.deepEqual([last, more], ['', []]);
          if (above !== undefined) {
            assert.match(above, HEADER);
            header = above;
          }
          if (event.event !== 'lost') {
            assert.equal(
              stringWidth(row.slice(0, row.indexOf(` ${event.event} `) + 1)),
              column(header, 'EVENT'),
            );
            const detail = fitDetail(event, ALONE, Infinity).trimEnd();
            if (detail === '') continue;
            const behind = row.lastIndexOf(detail);
            assert.equal(stringWidth(row.slice(0, behind)), column(header, 'DETAIL'));
          }
        }
      }),
    );
  });

  it('colors only header and kind', () => {
    const {format} = createTable(createPaint(1));
    const [header = '', row = ''] = format(CONNECT).split('\n');
    assert.match(header, /^\x1b\[1mTIME .* DETAIL\x1b\[22m$/);
    assert.match(row, /^[^\x1b]+ \x1b\[94mconnect\x1b\[39m [^\x1b]+$/);
  });
});

describe('table options', () => {
  it('prints the selected columns in order', () => {
    const {format} = createTable(createPaint(0), {columns: ['rx', 'comm', 'ended-by']});
    assert.deepEqual([CLOSE, CONNECT].map(format), [
      '      RX COMM         ENDED-BY\n       0 curl         remote-reset\n',
      '       - curl         -\n',
    ]);
  });

  it('wide: prints every field in its own column', () => {
    const {format} = createTable(createPaint(0), {columns: WIDE_COLUMNS});
    assert.equal(
      format({...CLOSE, ...PEER})
        .split('\n')[1]
        ?.replaceAll(/ +/g, ' ')
        .replace(/^\S+ /, ''),
      'close fentry web-1 4711 1000 curl worker 10.0.0.1:40000 10.0.0.2:443 veth0 4026531840 123456 0123456789abcdef nginx[4712] 123457 4026531841 out - - - - 12.3s 12 0 31us 0 - - - - - - - - - remote-reset 42/parent 0',
    );
  });

  it('time: elapsed since the first or the previous row', () => {
    const times = ['51:02.000000001', '51:02.000250', '52:00'].map((time) => `2026-11-23T15:${time}Z`);
    const rows = (time: TimeStyle): string[] => {
      const {format} = createTable(createPaint(0), {columns: ['time'], time});
      return times.map(
        (moment) =>
          format({...CONNECT, time: moment})
            .trim()
            .split('\n')
            .at(-1) ?? '',
      );
    };
    assert.deepEqual(rows('relative'), ['+0.000000', '+0.000250', '+58.000000']);
    assert.deepEqual(rows('delta'), ['+0.000000', '+0.000250', '+57.999750']);
  });

  const IPV6 = {
    family: 6,
    laddr: '2001:db8:1111:2222:3333:4444:5555:6666',
    raddr: '2001:db8:1111:2222:3333:4444:5555:7777',
  } as const;

  for (let width = 40; width <= 250; width += 10)
    it(`fits any event in ${String(width)} columns`, () => {
      const events = [CONNECT, ACCEPT, CLOSE, FAIL, OPEN, LOST, UPDATE, {...CLOSE, ...IPV6, netns: 1}, BARE];
      const rows = linesOn({width: () => width}, ...events);
      for (const row of rows) assert.ok(stringWidth(row) <= width, row);
      assert.match(rows.at(-1) ?? '', /\bclose\b/);
    });

  it('follows a terminal whose size changes', () => {
    let width = 200;
    const {format} = createTable(createPaint(0), {width: () => width});
    const headers = [200, 200, 100, 60, 200].map((columns) => {
      width = columns;
      return format(CLOSE).trimEnd().split('\n').slice(0, -1).join().replaceAll(/ +/g, ' ');
    });
    assert.deepEqual(headers, [
      'TIME EVENT PROCESS UID LOCAL -> REMOTE INODE DETAIL',
      '',
      'TIME EVENT PROCESS -> REMOTE DETAIL',
      'EVENT PROCESS -> REMOTE OUTCOME',
      'TIME EVENT PROCESS UID LOCAL -> REMOTE INODE DETAIL',
    ]);
  });

  it('shows the network namespace once there are several', () => {
    const [one, , two, row] = linesOn({width: () => 200}, CONNECT, {...CONNECT, netns: 5});
    assert.deepEqual([one?.includes('NETNS'), two?.includes('NETNS')], [false, true]);
    assert.match(row ?? '', / 5 +123456 /);
  });

  it('shows usual events whole in 100 columns', () => {
    const close = {...CLOSE, comm: 'nginx', owner_pid: undefined, tx_bytes: 123_456_789, rx_bytes: 5e9};
    const events = [CONNECT, ACCEPT, close, FAIL, OPEN];
    const [, ...rows] = linesOn({width: () => 100}, ...events);
    assert.deepEqual(
      rows.map((row) => row.replaceAll(/ +/g, ' ').replace(/^\S+ /, '')),
      [
        'connect curl[4711] -> 10.0.0.2:443 1.23ms',
        'accept curl[4711] <- 10.0.0.2:443 42us syn-retrans=2',
        'close nginx[4711] -> 10.0.0.2:443 12.3s tx=118M rx=4.66G remote-reset',
        'fail curl[4711] -> 10.0.0.2:443 ECONNREFUSED 20us syn-retrans=1',
        'open curl[4711] -- 10.0.0.2:443',
      ],
    );
    assert.match(rows[0] ?? '', /^\d\d:\d\d:\d\d\.\d{3} /);
  });

  it('shows the outcome of usual events whole in 80 columns', () => {
    const events = [CONNECT, ACCEPT, {...CLOSE, duration_us: 13_577, ended_by: 'local'} as const, FAIL];
    const [, ...rows] = linesOn({width: () => 80}, ...events);
    const ends = ['1.23ms', '42us', '13.6ms local', 'ECONNREFUSED'];
    for (const [index, end] of ends.entries()) assert.ok(rows[index]?.endsWith(` ${end}`), rows[index]);
  });

  it('shows exact numbers on request', () => {
    const exact = linesOn(
      {columns: ['tx', 'duration', 'detail'], notation: notationOf(true)},
      {
        ...CLOSE,
        tx_bytes: 123_456_789,
      },
    );
    assert.match(exact[1] ?? '', /^123456789 +12\.345678s out duration=12\.345678s tx=123456789 /);
  });

  it('leaves out whole facts, never the middle of one', () => {
    const whole = fitDetail(CLOSE, ALONE, Infinity).split(' ');
    for (let width = 10; width < 100; width += 1) {
      const facts = fitDetail(CLOSE, ALONE, width).split(' ');
      for (const fact of facts) assert.ok(whole.includes(fact), fact);
    }
  });

  it('appends names to the outcome', () => {
    const names = {user: 'root', args: 'curl -s'};
    assert.equal(
      formatOutcome({...CLOSE, ...names, duration_us: 5}, ALONE),
      '5us remote-reset user=root args=curl -s',
    );
    assert.equal(
      formatOutcome({...CONNECT, ...PEER, ...PEER_NAMES}, ALONE),
      '1.23ms peer=nginx[4712] peer-container=db-1',
    );
    assert.equal(formatOutcome(LOST, ALONE), '17 lost');
  });

  it('does not repeat names that have their own column', () => {
    for (const inWords of ['outcome', 'detail'] as const) {
      const {format} = createTable(createPaint(0), {columns: ['user', 'args', inWords]});
      const [, row = ''] = format({...CLOSE, user: 'root', args: 'curl -s', service: 'http'}).split('\n');
      assert.match(row, /^root +curl -s .* service=http\b/);
      assert.doesNotMatch(row, /user=|args=/);
    }
  });

  it('truncates by display width', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme'}), fc.integer({min: 3, max: 40}), (text, width) => {
        for (const cut of [cutEnd(text, width), cutMiddle(text, width)]) {
          if (textWidth(text) <= width) assert.equal(cut, text);
          else assert.ok(cut.includes('…'));
        }
      }),
    );
    assert.deepEqual([cutEnd('漢字漢字', 6), cutMiddle('漢字漢字', 6)], ['漢字…', '漢…字']);
    assert.deepEqual([cutEnd('abcdefgh', 5), cutMiddle('abcdefgh', 5)], ['abcd…', 'ab…gh']);
  });
});

describe('detail', () => {
  it('omits unknown values', () => {
    assert.equal(formatDetail(BARE, ALONE), 'unknown');
    assert.equal(formatDetail({...FAIL, error: undefined, syn_retrans: undefined}, ALONE), 'latency=20us');
    assert.equal(
      formatDetail({...FAIL, error: undefined, syn_retrans: undefined, latency_us: undefined}, ALONE),
      '',
    );
    assert.equal(formatDetail({...CONNECT, latency_us: 0}, ALONE), 'out latency=0us');
  });

  it('escapes the name of the owner', () => {
    assert.equal(formatDetail({...BARE, owner_pid: 1, owner_comm: 'a\x1b'}, ALONE), 'unknown owner=1/a\\x1b');
    assert.equal(formatDetail({...BARE, owner_pid: 1}, ALONE), 'unknown owner=1/');
  });
});

describe('local time', () => {
  const zone = process.env.TZ;

  function format(timeZone: string, ...times: string[]): string[] {
    process.env.TZ = timeZone;
    return times.map(createLocalTimeFormatter());
  }

  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it('has the time zone of the machine and microseconds', () => {
    const times = [
      '2026-11-23T15:51:02.123456789Z',
      '2026-11-23T15:51:02.999999999Z',
      '2026-11-23T23:59:59.000000001Z',
    ];
    assert.deepEqual(format('UTC', ...times), ['15:51:02.123456', '15:51:02.999999', '23:59:59.000000']);
    assert.deepEqual(format('Asia/Kolkata', ...times), [
      '21:21:02.123456',
      '21:21:02.999999',
      '05:29:59.000000',
    ]);
  });

  it('follows daylight saving time', () => {
    const times = ['2026-03-29T00:59:59.500000000Z', '2026-03-29T01:00:00.000000000Z'];
    assert.deepEqual(format('Europe/Berlin', ...times), ['01:59:59.500000', '03:00:00.000000']);
  });
});
