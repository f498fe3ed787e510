import assert from 'node:assert/strict';
import {parseMoment} from '#dist/model/units/moment.js';
import {compareTimes} from '#dist/model/units/time.js';

const NOW = new Date(2026, 10, 28, 15, 30, 45, 678);
const local = (...[year, month, day, hour = 0, minute = 0, second = 0]: number[]): string =>
  new Date(year ?? 0, (month ?? 0) - 1, day, hour, minute, second)
    .toISOString()
    .replace('.000Z', '.000000000Z');

describe('points in time', () => {
  for (const [text, time] of [
    ['2026-11-28T10:00:00Z', '2026-11-28T10:00:00.000000000Z'],
    ['2026-11-28t10:00:00.123456789z', '2026-11-28T10:00:00.123456789Z'],
    ['2026-11-28T10:00:00.5+02:00', '2026-11-28T08:00:00.500000000Z'],
    ['2026-11-28 10:00-0330', '2026-11-28T13:30:00.000000000Z'],
    ['2026-11-28T10:00:00', local(2026, 11, 28, 10)],
    ['2026-11-28', local(2026, 11, 28)],
    ['today', local(2026, 11, 28)],
    ['today 10:00', local(2026, 11, 28, 10)],
    ['yesterday 9:05:06', local(2026, 11, 27, 9, 5, 6)],
    ['10:00', local(2026, 11, 28, 10)],
    ['now', NOW.toISOString().replace('Z', '000000Z')],
    ['-10m', new Date(NOW.getTime() - 600_000).toISOString().replace('Z', '000000Z')],
    ['-1h30m', new Date(NOW.getTime() - 5_400_000).toISOString().replace('Z', '000000Z')],
  ] as const)
    it(text, () => {
      assert.equal(parseMoment(text, NOW.getTime()), time);
    });

  for (const text of [
    '',
    'soon',
    '2026-02-30',
    '2026-13-01',
    '25:00',
    '10:60',
    'today10:00 ',
    '-',
    '10m',
    '2026-11-28T',
  ])
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseMoment(text), /^TcptraceError: /);
    });

  it('compare with fractions of any length', () => {
    const times = ['', '2026-11-28T10:00:00Z', '2026-11-28T10:00:00.5Z', '2026-11-28T10:00:00.500000001Z'];
    for (const [i, a] of times.entries())
      for (const [j, b] of times.entries()) assert.equal(compareTimes(a, b), Math.sign(i - j), `${a} ${b}`);
  });
});
