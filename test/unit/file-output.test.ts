import assert from 'node:assert/strict';
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createFileOutput} from '#dist/output/file.js';

describe('output to a file', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    file = path.join(directory, 'events');
  });
  afterEach(() => {
    rmSync(directory, {recursive: true});
  });
  const read = (name = 'events'): string => readFileSync(path.join(directory, name), 'utf8');

  it('is for its owner only, and begins anew', async () => {
    const output = await createFileOutput({path: file, rotateBytes: undefined});
    output.add('one\n');
    await output.flush();
    assert.equal(read(), 'one\n');
    output.add('two\n');
    await output.end();
    assert.equal(read(), 'one\ntwo\n');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await (await createFileOutput({path: file, rotateBytes: undefined})).end();
    assert.equal(read(), '');
  });

  it('rotates between lines, and loses none', async () => {
    const output = await createFileOutput({path: file, rotateBytes: 100});
    const lines = Array.from({length: 100}, (_, index) => `line ${String(index)}\n`);
    for (const [index, line] of lines.entries()) {
      output.add(line);
      if (index % 7 === 0) await output.flush();
    }
    await output.end();
    const names = readdirSync(directory).sort();
    assert.ok(names.length >= 5, names.join());
    const ordered = [...names.slice(1).sort((a, b) => Number(a.slice(7)) - Number(b.slice(7))), 'events'];
    assert.equal(ordered.map(read).join(''), lines.join(''));
    for (const name of ordered) {
      assert.match(read(name), /^(?:line \d+\n)+$/);
      assert.ok(read(name).length <= 210);
    }
  });

  it('rotates into no file of an earlier trace', async () => {
    writeFileSync(`${file}.1`, 'kept');
    const output = await createFileOutput({path: file, rotateBytes: 1});
    for (const line of ['one\n', 'two\n', 'three\n']) output.add(line);
    await output.end();
    assert.deepEqual(
      ['events.1', 'events.2', 'events.3', 'events'].map((name) => read(name)),
      ['kept', 'one\n', 'two\n', 'three\n'],
    );
  });

  it('that rotates keeps what an earlier trace has left, unless that is nothing', async () => {
    for (const line of ['one\n', '', 'two\n', 'three\n']) {
      const output = await createFileOutput({path: file, rotateBytes: 100});
      output.add(line);
      await output.end();
    }
    assert.deepEqual(readdirSync(directory).sort(), ['events', 'events.1', 'events.2']);
    assert.deepEqual(
      ['events.1', 'events.2', 'events'].map((name) => read(name)),
      ['one\n', 'two\n', 'three\n'],
    );
  });

  it('rotates no device', async () => {
    await assert.rejects(
      createFileOutput({path: '/dev/null', rotateBytes: 100}),
      /^TcptraceError: --rotate is for files, and \/dev\/null is none$/,
    );
  });

  it('follows no link', async () => {
    writeFileSync(path.join(directory, 'precious'), 'kept');
    symlinkSync('precious', file);
    await assert.rejects(
      createFileOutput({path: file, rotateBytes: undefined}),
      /^TcptraceError: cannot write \S+: a symbolic link$/,
    );
    assert.equal(read('precious'), 'kept');
  });

  it('on a full disk fails', async () => {
    const output = await createFileOutput({path: '/dev/full', rotateBytes: undefined});
    output.add('x\n');
    await assert.rejects(output.flush(), /cannot write \/dev\/full: no space left on device/);
  });
});
