/** Parses valid and malformed lines of /proc/net/tcp and tcp6. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {createEndpointsFormatter} from '#dist/procfs/tcp/endpoints.js';
import {listNumbers} from '#dist/procfs/tcp/row-numbers.js';
import {createRowParser} from '#dist/procfs/tcp/tcp-table.js';
import {HEADER, line, STATES} from '../helpers/proc-tree.js';
import {runs} from '../helpers/runs.js';
import {skip} from '../helpers/suite.js';

const parser = createRowParser();
const format = createEndpointsFormatter();

/** Parses a line; undefined if it is invalid. */
function parse(table: 4 | 6, text: string) {
  const bytes = Buffer.from(text, 'latin1');
  if (!parser.parse(table, bytes, 0, bytes.length)) return undefined;
  const {endpoints, state, inode} = parser.row;
  const {family, laddr, lport, raddr, rport} = format(endpoints);
  return [family, `${laddr} ${String(lport)}`, `${raddr} ${String(rport)}`, state, inode];
}

const numbersParser = createRowParser(true);

/** Parses a line with its numbers; returns what a listing shows of them. */
function parseNumbers(text: string): unknown {
  const bytes = Buffer.from(text, 'latin1');
  if (!numbersParser.parse(4, bytes, 0, bytes.length) || !numbersParser.row.numbers) return undefined;
  const {inode, state, numbers} = numbersParser.row;
  const listed = listNumbers(numbers, state === STATES.LISTEN);
  return JSON.parse(JSON.stringify({inode, ...listed}));
}

describe('parser of /proc/net/tcp and tcp6', () => {
  it('queues, timer and congestion window', () => {
    const ends = '   0: 00000000:07E8 00000000:0000';
    const lines: readonly [string, object | undefined][] = [
      // a listener: Recv-Q is its backlog
      [
        '0A 00000000:00000003 00:00000000 00000000     0        0 1525 1 3e483d10 100 0 0 10 0',
        {inode: 1525, backlog: 3},
      ],
      [
        '01 00000010:00000200 01:00000019 00000002  1000        1 77 2 3e483d10 20 4 30 10 -1',
        {
          inode: 77,
          tx_queue_bytes: 16,
          rx_queue_bytes: 512,
          cwnd: 10,
          timer: 'on',
          timer_ms: 250,
          timer_retrans: 2,
        },
      ],
      // keepalive and probes of a full window count in another column
      [
        '01 00000000:00000000 02:000003E8 00000007  1000        4 78 2 3e483d10 20 4 30 11 -1',
        {
          inode: 78,
          tx_queue_bytes: 0,
          rx_queue_bytes: 0,
          cwnd: 11,
          timer: 'keepalive',
          timer_ms: 10_000,
          timer_retrans: 4,
        },
      ],
      [
        '06 00000000:00000000 03:000003E9 00000000     0        0 0 3 76cfa884',
        {inode: 0, timer: 'timewait', timer_ms: 10_010, timer_retrans: 0},
      ],
      ['01 00000010:0000020 01:00000019 00000002  1000        1 77 2 3e483d10 20 4 30 10 -1', undefined],
      ['01 00000010:00000200 01:0000', undefined],
    ];
    for (const [rest, wanted] of lines) assert.deepEqual(parseNumbers(`${ends} ${rest}`), wanted, rest);
  });

  it('IPv4 lines of Linux 6.18 on x86', function () {
    if (line('127.0.0.1 1', '127.0.0.1 1', 1).includes('7F000001')) skip(this, 'this machine is big-endian');
    const lines = [
      '   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1525 1 000000003e483d10 100 0 0 10 0                      ',
      '   1: 0100007F:E14A 0100007F:B971 06 00000000:00000000 03:000003E9 00000000     0        0 0 3 0000000076cfa884                                      ',
      '10234: 0200A8C0:C350 08080808:01BB 01 00000010:00000000 01:00000019 00000002 4294967294        1 3685777 2 000000003e483d10 20 4 30 10 -1',
      '   0: 00000000000000000000000001000000:AFB8 0000000000000000FFFF00000100007F:B451 08 00000000:00000000 02:000003E7 00000000     0        0 77 3 00000000734acec5',
    ];
    assert.deepEqual(
      [
        parse(4, lines[0] ?? ''),
        parse(4, lines[1] ?? ''),
        parse(4, lines[2] ?? ''),
        parse(6, lines[3] ?? ''),
      ],
      [
        [4, '0.0.0.0 2024', '0.0.0.0 0', 10, 1525],
        [4, '127.0.0.1 57674', '127.0.0.1 47473', 6, 0],
        [4, '192.168.0.2 50000', '8.8.8.8 443', 1, 3_685_777],
        [4, '::1 44984', '127.0.0.1 46161', 8, 77],
      ],
    );
  });

  it('all kinds of addresses', () => {
    const cases: [4 | 6, string, string, 4 | 6][] = [
      [4, '10.1.2.3 65535', '255.255.255.255 1', 4],
      [6, '2001:db8::ff00:42:8329 80', 'fe80::1 443', 6],
      [6, '1:2:3:4:5:6:7:8 1', '::1 2', 6],
      [6, '::ffff:10.0.0.1 8080', '::ffff:192.0.2.33 50000', 4],
    ];
    for (const [table, local, remote, family] of cases) {
      const plain = (text: string): string => text.replace('::ffff:', '');
      const expected = [family, plain(local), plain(remote), 1, 12_345];
      assert.deepEqual(parse(table, line(local, remote, 12_345).slice(0, -1)), expected);
    }
  });

  it('all states and timers; inodes beyond 32 bits', () => {
    for (const state of [...Object.values(STATES), 12, 255])
      for (const timer of ['00:00000000', '04:FFFFFFFF', '03:000003E9'])
        assert.equal(parse(4, line('10.0.0.1 1', '10.0.0.2 2', 9, state, timer).slice(0, -1))?.[3], state);
    for (const inode of [0, 1, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER])
      assert.equal(parse(6, line('::1 1', '::1 2', inode).slice(0, -1))?.[4], inode);
  });

  it('a line that ends after the inode', () => {
    assert.equal(parse(4, '0: 0100007F:0001 0100007F:0002 01 0:0 0:0 0 0 0 5')?.[4], 5);
  });

  it('rejects invalid lines', () => {
    const whole = line('10.0.0.1 1', '10.0.0.2 2', 12).slice(0, -1);
    const wrong = [
      HEADER.slice(0, -1),
      '',
      ' ',
      'x',
      line('::1 1', '::1 2', 3).slice(0, -1),
      whole.replace(':', ' '),
      whole.replace('7:', '-7:'),
      whole.replace(' 01 ', ' 1 '),
      whole.replace(' 01 ', ' 001 '),
      whole.replace(' 01 ', ' G1 '),
      whole.replace(' 12 ', ' -12 '),
      whole.replace(' 12 ', ' 12x '),
      whole.replace(' 12 ', ' 99999999999999999999 '),
      whole.replace(' 01 ', '\t01\t'),
    ];
    for (const text of wrong) assert.equal(parse(4, text), undefined, text);
    assert.equal(parse(6, whole), undefined);
  });

  it('rejects a line truncated before the inode', () => {
    const whole = line('10.0.0.1 1', '10.0.0.2 2', 123_456);
    const inode = whole.indexOf('123456');
    for (let length = 0; length <= inode; length++) assert.equal(parse(4, whole.slice(0, length)), undefined);
  });

  it('any bytes: never throws', () => {
    const alphabet = fc.string({
      unit: fc.constantFrom(...'0123456789ABCDEFabcdef:  -x\t\0'.split('')),
      maxLength: 300,
    });
    const bytes = fc.uint8Array({maxLength: 300}).map((array) => Buffer.from(array).toString('latin1'));
    fc.assert(
      fc.property(fc.oneof(alphabet, bytes), fc.constantFrom(4 as const, 6 as const), (text, table) => {
        const found = parse(table, text);
        assert.ok(found === undefined || (Number.isInteger(found[3]) && Number(found[4]) >= 0));
      }),
      runs(3000),
    );
  });

  it('any changed byte: changes one field, or the line is rejected', () => {
    const whole = line('10.0.0.1 1', '10.0.0.2 2', 123_456).slice(0, -1);
    const original = parse(4, whole) ?? [];
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const text = whole.slice(0, at) + String.fromCharCode(byte) + whole.slice(at + 1);
        const found = parse(4, text);
        if (found === undefined) return;
        assert.ok(found.filter((value, index) => value !== original[index]).length <= 1, text);
      }),
      runs(2000),
    );
  });
});
