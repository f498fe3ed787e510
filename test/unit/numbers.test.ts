/** Durations and sizes: what people write, and what is written for them. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {parseDuration} from '#dist/model/units/duration.js';
import {formatMicroseconds} from '#dist/model/units/format.js';
import {TcptraceError} from '#dist/model/errors.js';
import {parseSize} from '#dist/model/units/size.js';

/** A wrong command line, with the text in question and what to write instead. */
function assertUsageError(parse: (text: string) => unknown, text: string): void {
  assert.throws(
    () => parse(text),
    (error) =>
      error instanceof TcptraceError &&
      error.exitCode === 2 &&
      error.message.includes(JSON.stringify(text)) &&
      error.hint !== undefined,
    text,
  );
}

describe('durations', () => {
  it('are numbers with units', () => {
    const cases: Record<string, number> = {
      '1ms': 1,
      '10s': 10_000,
      '500ms': 500,
      '2m': 120_000,
      '1h30m': 5_400_000,
      '1.5s': 1500,
      '0.001s': 1,
      '0.0015s': 2,
      '1d': 86_400_000,
      '24d': 2_073_600_000,
      '2147483647ms': 2 ** 31 - 1,
      '0h5s': 5000,
      '007s': 7000,
      '10': 10_000,
      '0.5': 500,
    };
    for (const [text, ms] of Object.entries(cases)) assert.equal(parseDuration(text), ms, text);
  });

  it('may have several parts', () => {
    const small = fc.integer({min: 0, max: 59});
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 300}),
        small,
        small,
        fc.integer({min: 0, max: 999}),
        (h, m, s, ms) => {
          const text = `${String(h)}h${String(m)}m${String(s)}s${String(ms)}ms`;
          assert.equal(parseDuration(text), ((h * 60 + m) * 60 + s) * 1000 + ms);
        },
      ),
    );
  });

  it('are nothing else', () => {
    const empty = [
      '',
      ' ',
      's',
      '10 s',
      ' 10s',
      '10s ',
      '10s\n',
      '-10s',
      '+1s',
      '1e3s',
      '1,5s',
      '1.s',
      '.5s',
    ];
    const wrong = ['1.5.5s', '10S', '10sec', '1y', '1s2', 'Infinitys', '0x1s', '１s'];
    const outOfRange = ['0s', '0ms', '0.0001s', '25d', '2147483648ms', '99999999999999999999d'];
    for (const text of [...empty, ...wrong, ...outOfRange]) assertUsageError(parseDuration, text);
  });

  it('of microseconds are written in full, in the unit that suits them', () => {
    const cases: Record<string, number> = {
      '0us': 0,
      '999us': 999,
      '1ms': 1000,
      '1.001ms': 1001,
      '999.999ms': 999_999,
      '1s': 1_000_000,
      '12.345678s': 12_345_678,
      '86400.000001s': 86_400_000_001,
    };
    for (const [text, us] of Object.entries(cases)) assert.equal(formatMicroseconds(us), text);
    const units: Record<string, number> = {us: 1, ms: 1000, s: 1_000_000};
    fc.assert(
      fc.property(fc.integer({min: 0, max: 10 ** 15}), (us) => {
        const [, number, unit = ''] = /^(\d+(?:\.\d{1,6})?)(us|ms|s)$/.exec(formatMicroseconds(us)) ?? [];
        assert.equal(Math.round(Number(number) * (units[unit] ?? NaN)), us);
      }),
    );
  });
});

describe('sizes', () => {
  it('are bytes, or units of 1024', () => {
    const cases: Record<string, number> = {
      '1': 1,
      '65536': 65_536,
      '64K': 65_536,
      '64k': 65_536,
      '64KB': 65_536,
      '64KiB': 65_536,
      '8M': 8_388_608,
      '8MiB': 8_388_608,
      '8mib': 8_388_608,
      '512B': 512,
      '1G': 2 ** 30,
      '1024M': 2 ** 30,
    };
    for (const [text, bytes] of Object.entries(cases)) assert.equal(parseSize(text, 2 ** 30), bytes, text);
  });

  it('are nothing else', () => {
    const wrong = [
      '',
      'M',
      '8 M',
      ' 8M',
      '8M\n',
      '-8M',
      '+8M',
      '1.5M',
      '8T',
      '8MM',
      '8iM',
      '0x10',
      '1e6',
      'NaN',
    ];
    const outOfRange = ['0', '0G', '2G', '1073741825', '99999999999999999999999'];
    for (const text of [...wrong, ...outOfRange]) assertUsageError((size) => parseSize(size, 2 ** 30), text);
  });
});
