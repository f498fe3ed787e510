/** `tcptrace replay`: formats, files and rotation. */
import assert from 'node:assert/strict';
import {linkSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {gunzipSync} from 'node:zlib';
import {line, parse, writeRecording} from './recording.js';
import {assertRefused, type Result, shell, tcptrace} from './run.js';

describe('replay: output', function () {
  this.timeout(60_000);
  let directory: string;
  let file: string;

  before(() => {
    ({directory, file} = writeRecording());
  });

  after(() => {
    rmSync(directory, {recursive: true});
  });

  it('without filters: reproduces the recording byte by byte', () => {
    assert.equal(parse(tcptrace(['replay', file, '--ndjson'])), readFileSync(file, 'utf8'));
  });

  it('prints a table', () => {
    const [header = '', ...rows] = parse(tcptrace(['replay', file]))
      .trimEnd()
      .split('\n');
    assert.match(header, /^TIME +EVENT +PID +UID +COMM/);
    assert.equal(rows.length, 4 + rows.filter((row) => row.startsWith('TIME')).length);
  });

  it('--wide: also shows recorded names', () => {
    const rows = parse(tcptrace(['replay', file, '--wide'])).split('\n');
    const lastTen = (text: string) =>
      rows
        .find((row) => row.includes(text))
        ?.trim()
        .split(/ +/)
        .slice(-10);
    const titles = 'USER HOST SERVICE CONTAINER CONTAINER-PATH CONTAINER-NAME POD POD-NAMESPACE CGROUP ARGS';
    assert.deepEqual(lastTen('TIME'), titles.split(' '));
    const names = '- - - c0ffee - web-1 web-7f9c shop /system.slice/docker-c0ffee.scope -';
    assert.deepEqual(lastTen('python3'), names.split(' '));
  });

  for (const [style, times] of [
    ['relative', ['+0.000000', '+1.000000', '+2.000000', '+3.000000']],
    ['delta', ['+0.000000', '+1.000000', '+1.000000', '+1.000000']],
  ] as const)
    it(`--time ${style}`, () => {
      const [, ...rows] = parse(tcptrace(['replay', file, '--time', style]))
        .trimEnd()
        .split('\n');
      assert.deepEqual(
        rows.map((row) => row.trim().split(' ')[0]),
        times,
      );
    });

  it('--columns: prints each column once', () => {
    const [header] = parse(tcptrace(['replay', file, '--columns', 'pid,PID', '--columns', 'pid,comm'])).split(
      '\n',
    );
    assert.deepEqual(header?.trim().split(/ +/), ['PID', 'COMM']);
  });

  it('--output, --rotate: files end with complete lines and lose none', () => {
    const large = path.join(directory, 'large.ndjson');
    writeFileSync(large, `${line('web', 0)}\n`.repeat(2000));
    const output = path.join(directory, 'copy');
    parse(tcptrace(['replay', large, '--ndjson', '--output', output, '--rotate', '100K']));
    const parts = readdirSync(directory).filter((name) => /^copy\.\d+$/.test(name));
    assert.ok(parts.length > 1);
    const texts = [...parts.sort(), 'copy'].map((name) => readFileSync(path.join(directory, name), 'utf8'));
    for (const text of texts) assert.match(text, /\n$/);
    assert.equal(texts.join(''), readFileSync(large, 'utf8'));
  });

  for (const format of ['csv', 'table'])
    it(`--rotate: each file has one header, -o ${format}`, () => {
      const large = path.join(directory, 'large.ndjson');
      writeFileSync(large, `${line('web', 0)}\n`.repeat(2000));
      const output = path.join(directory, `rotated-${format}`);
      parse(tcptrace(['replay', large, '-o', format, '--output', output, '--rotate', '50K']));
      const names = readdirSync(directory).filter((name) => name.startsWith(`rotated-${format}`));
      assert.ok(names.length > 2);
      const files = names.map((name) =>
        readFileSync(path.join(directory, name), 'utf8').trimEnd().split('\n'),
      );
      assert.equal(files.flat().length, 2000 + files.length);
      for (const [header = '', ...rows] of files) {
        assert.match(header, /^time\b/i);
        assert.ok(rows.every((row) => /^\d/.test(row)));
      }
    });

  it('--output: refuses to overwrite the recording, under any name', () => {
    const own = path.join(directory, 'own');
    const link = path.join(directory, 'link');
    const symlink = path.join(directory, 'symlink');
    const text = readFileSync(file, 'utf8');
    writeFileSync(own, text);
    linkSync(own, link);
    symlinkSync(own, symlink);
    const complaint = (name: string): string =>
      `--output: ${name} is the recording itself; name another file`;
    for (const [recording, output] of [
      [own, own],
      [own, link],
      [symlink, own],
      [own, symlink],
    ] as const)
      assertRefused(tcptrace(['replay', recording, '--output', output]), 2, complaint(output));
    assertRefused(tcptrace(['replay', own, '--output', own, '--rotate', '1M']), 2, complaint(own));
    assertRefused(shell(`tcptrace replay - --output '${own}' <'${own}'`), 2, complaint(own));
    assertRefused(
      shell(`tcptrace replay --ndjson '${own}' >>'${own}'`),
      2,
      'stdout is the recording itself; write to another file',
    );
    assert.equal(readFileSync(own, 'utf8'), text);
  });

  it('--output: writes to an inherited descriptor at its current offset', () => {
    const copy = path.join(directory, 'copy of a descriptor');
    const text = readFileSync(file, 'utf8');
    const replay = `tcptrace replay --ndjson '${file}' --output`;
    const outputs = [
      `${replay} >(cat >'${copy}') && wait $!`,
      `${replay} /dev/fd/3 3>&1 >&2 | cat >'${copy}'`,
      `${replay} /dev/stdout >'${copy}'`,
      `${replay} /proc/self/fd/2 2>'${copy}'`,
    ];
    for (const script of outputs) {
      assert.deepEqual(shell(script), {status: 0, stdout: '', stderr: ''}, script);
      assert.equal(readFileSync(copy, 'utf8'), text, script);
    }
    const around = `{ echo before; ${replay} /dev/fd/3 3>&1; echo behind; } >'${copy}'`;
    assert.equal(shell(around).status, 0);
    assert.equal(readFileSync(copy, 'utf8'), `before\n${text}behind\n`);
    parse(shell(`${replay} >(true)`));
    assertRefused(shell(`${replay} /dev/fd/77`), 1, 'cannot write /dev/fd/77: bad file descriptor');
  });

  it('--output appends, --truncate empties the file first', () => {
    const copy = path.join(directory, 'appended');
    const text = readFileSync(file, 'utf8');
    const write = (...flags: string[]): string => {
      parse(tcptrace(['replay', file, '--ndjson', '--output', copy, ...flags]));
      return readFileSync(copy, 'utf8');
    };
    assert.deepEqual([write(), write(), write('--truncate')], [text, text + text, text]);
    const full = 'cannot write /dev/full: no space left on device';
    assertRefused(tcptrace(['replay', file, '--output', '/dev/full']), 1, full);
  });

  it('--rotate, --keep, --compress: bounded files, which together are the end of the recording', () => {
    const large = path.join(directory, 'large.ndjson');
    const lines = Array.from(
      {length: 2000},
      (_, i) => `${line('web', i % 10).replace('40000', String(i + 1))}\n`,
    );
    writeFileSync(large, lines.join(''));
    const set = path.join(directory, 'set');
    const flags = ['--output', set, '--rotate', '50K,1d', '--keep', '3', '--compress'];
    parse(tcptrace(['replay', large, '--ndjson', ...flags]));
    const names = readdirSync(directory).filter((name) => name.startsWith('set'));
    const numbers = names.flatMap((name) => /^set\.(\d+)\.gz$/.exec(name)?.[1] ?? []).map(Number);
    assert.deepEqual([names.length, numbers.length], [4, 3]);
    const packed = numbers.sort((a, b) => a - b).map((number) => readFileSync(`${set}.${String(number)}.gz`));
    const texts = [...packed.map((bytes) => gunzipSync(bytes).toString()), readFileSync(set, 'utf8')];
    for (const text of texts) assert.match(text, /\n$/);
    assert.ok(texts.every((text) => text.length < 100_000));
    assert.ok(lines.join('').endsWith(texts.join('')));
  });

  it('--rotate: accepts times and sizes over 1G, rejects other values', () => {
    const rotate = (value: string): Result =>
      tcptrace(['replay', file, '--output', path.join(directory, 'never'), '--rotate', value]);
    for (const value of ['5G', '2T', '1h', '100M,1d']) parse(rotate(value));
    assertRefused(rotate('100m'), 2, /^--rotate: ambiguous value "100m"; use 100M for a size, or seconds/);
    const both = '--rotate: invalid value "1h,1d"; give at most one size and one time';
    assertRefused(rotate('1h,1d'), 2, both);
    for (const flags of [['--keep', '1'], ['--compress']])
      assertRefused(
        tcptrace(['replay', file, ...flags]),
        2,
        `${flags[0] ?? ''} needs --rotate; add --rotate SIZE`,
      );
  });

  it('exits when the reader closes', () => {
    assert.equal(parse(shell(`tcptrace replay --ndjson '${file}' | head -n 1`)), `${line('web', 0)}\n`);
  });
});
