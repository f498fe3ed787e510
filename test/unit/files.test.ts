import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {createLineReader, readDirectory, readLink, readText} from '#dist/procfs/files.js';
import {bracketed} from '#dist/procfs/processes.js';
import {runs} from '../helpers/runs.js';

describe('files of /proc', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'files-'));
  const file = path.join(directory, 'file');

  after(() => {
    rmSync(directory, {recursive: true});
  });

  function linesOf(content: string | Uint8Array, size?: number): string[] {
    writeFileSync(file, content);
    const lines: string[] = [];
    const isWhole = createLineReader(size)(file, (bytes, start, end) => {
      lines.push(bytes.toString('latin1', start, end));
      return true;
    });
    assert.ok(isWhole);
    return lines;
  }

  it('splits lines across reads; ignores an incomplete last line', () => {
    const text = 'one\n\nthree\nfo';
    for (let size = 6; size < 20; size++) assert.deepEqual(linesOf(text, size), ['one', '', 'three']);
    assert.deepEqual(linesOf(''), []);
    assert.deepEqual(linesOf('\n'), ['']);
  });

  it('stops when the callback returns false', () => {
    writeFileSync(file, 'a\nb\nc\n');
    const lines: string[] = [];
    const take = (bytes: Buffer, start: number, end: number): boolean =>
      lines.push(bytes.toString('latin1', start, end)) < 2;
    assert.equal(createLineReader()(file, take), true);
    assert.deepEqual(lines, ['a', 'b']);
  });

  it('100,000 lines', () => {
    const expected = Array.from({length: 100_000}, (_, index) => `line ${String(index)}`);
    assert.deepEqual(linesOf(`${expected.join('\n')}\n`), expected);
  });

  it('drops only lines longer than the buffer', () => {
    assert.deepEqual(linesOf(`a\n${'x'.repeat(100)}\nb\n${'y'.repeat(16)}\n${'z'.repeat(15)}\nc\n`, 16), [
      'a',
      'b',
      'z'.repeat(15),
      'c',
    ]);
  });

  it('any bytes with any buffer size', () => {
    const content = fc
      .uint8Array({maxLength: 200})
      .map((bytes) => bytes.map((byte) => (byte < 40 ? 10 : byte)));
    fc.assert(
      fc.property(content, fc.integer({min: 1, max: 64}), (bytes, size) => {
        const whole = Buffer.from(bytes).toString('latin1').split('\n').slice(0, -1);
        assert.deepEqual(
          linesOf(bytes, size),
          whole.filter(({length}) => length < size),
        );
      }),
      runs(500),
    );
  });

  it('returns undefined for a missing file', () => {
    const missing = path.join(directory, 'missing');
    assert.equal(
      createLineReader()(missing, () => assert.fail()),
      false,
    );
    assert.deepEqual(
      [
        readText(missing),
        readLink(missing),
        readDirectory(missing),
        readLink(directory),
        readDirectory(file),
      ],
      [undefined, undefined, undefined, undefined, undefined],
    );
  });

  it('throws other errors', () => {
    assert.throws(() => readText(directory), {code: 'EISDIR'});
  });

  it('parses the number in a link', () => {
    assert.equal(bracketed('socket:[4294967295]', 'socket:['), 4_294_967_295);
    assert.equal(bracketed('net:[4026531840]', 'net:['), 4_026_531_840);
    for (const link of [
      'socket:[]',
      'socket:[12',
      'socket:[1x]',
      'pipe:[12]',
      '/a/socket:[1]',
      '',
      'socket:12]',
    ])
      assert.equal(bracketed(link, 'socket:['), undefined, link);
  });
});
