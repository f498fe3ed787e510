import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {gunzipSync, gzipSync} from 'node:zlib';
import {createFileOutput, type FileOutputOptions} from '#dist/output/file.js';
import {periodOf} from '#dist/output/schedule.js';

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

  const write = async (
    lines: readonly string[],
    options: Partial<FileOutputOptions> = {},
    head?: () => string,
  ): Promise<void> => {
    const output = await createFileOutput({path: file, ...options});
    if (head) output.setHead(head);
    for (const line of lines) {
      output.add(line);
      await output.flush();
    }
    await output.end();
  };
  const rotatedNames = (): string[] =>
    readdirSync(directory)
      .filter((name) => name !== 'events')
      .sort((a, b) => Number(a.slice(7)) - Number(b.slice(7)));

  it('creates a file with mode 0600, and appends to an existing one', async () => {
    await write(['one\n', 'two\n']);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await write(['three\n']);
    assert.equal(read(), 'one\ntwo\nthree\n');
  });

  it('truncate empties an existing file', async () => {
    await write(['one\n']);
    await write(['two\n'], {truncate: true});
    assert.equal(read(), 'two\n');
  });

  it('completes a line that an earlier run left unfinished', async () => {
    writeFileSync(file, 'torn');
    await write(['one\n']);
    assert.equal(read(), 'torn\none\n');
  });

  it('leaves no NUL bytes after another program truncated the file', async () => {
    const output = await createFileOutput({path: file});
    output.add('one\n');
    await output.flush();
    truncateSync(file);
    output.add('two\n');
    await output.end();
    assert.equal(read(), 'two\n');
  });

  it('rotates between lines, and loses none', async () => {
    const output = await createFileOutput({path: file, rotation: {bytes: 100}});
    const lines = Array.from({length: 100}, (_, index) => `line ${String(index)}\n`);
    for (const [index, line] of lines.entries()) {
      output.add(line);
      if (index % 7 === 0) await output.flush();
    }
    await output.end();
    const names = [...rotatedNames(), 'events'];
    assert.ok(names.length >= 5, names.join());
    assert.equal(names.map(read).join(''), lines.join(''));
    for (const name of names) {
      assert.match(read(name), /^(?:line \d+\n)+$/);
      assert.ok(read(name).length <= 210);
    }
  });

  it('gives a rotated file a higher number than every existing one, compressed or a directory', async () => {
    writeFileSync(`${file}.1`, 'kept');
    writeFileSync(`${file}.2.gz`, 'kept');
    mkdirSync(`${file}.7`);
    writeFileSync(`${file}.old`, 'kept');
    await write(['one\n', 'two\n', 'three\n'], {rotation: {bytes: 1}});
    assert.deepEqual(
      ['events.1', 'events.2.gz', 'events.8', 'events.9', 'events', 'events.old'].map((name) => read(name)),
      ['kept', 'kept', 'one\n', 'two\n', 'three\n', 'kept'],
    );
  });

  it('keep removes the oldest rotated files, also those of earlier runs', async () => {
    for (let number = 1; number <= 300; number++) writeFileSync(`${file}.${String(number)}`, '');
    mkdirSync(`${file}.301`);
    await write(['one\n', 'two\n', 'three\n'], {rotation: {bytes: 1, keep: 3}});
    assert.deepEqual(rotatedNames(), ['events.301', 'events.302', 'events.303']);
    assert.equal(read('events.303'), 'two\n');
  });

  it('rotates the file of an earlier run once it is full', async () => {
    for (const line of ['first\n', 'second\n', 'third\n']) await write([line], {rotation: {bytes: 10}});
    assert.deepEqual([read('events.1'), read()], ['first\nsecond\n', 'third\n']);
  });

  it('rotates a file of an earlier period', async () => {
    await write(['old\n'], {rotation: {periodMs: 3_600_000}});
    utimesSync(file, new Date(), new Date(Date.now() - 3_600_000));
    await write(['one\n', 'two\n'], {rotation: {periodMs: 3_600_000}});
    assert.deepEqual([read('events.1'), read()], ['old\n', 'one\ntwo\n']);
  });

  for (const [how, replace] of [
    [
      'moved',
      () => {
        renameSync(file, `${file}.old`);
      },
    ],
    [
      'removed',
      () => {
        rmSync(file);
      },
    ],
    [
      'replaced by another file',
      () => {
        renameSync(file, `${file}.old`);
        writeFileSync(file, 'new\n');
      },
    ],
  ] as const)
    it(`continues in a new file at the next rotation when the file was ${how}`, async () => {
      const output = await createFileOutput({path: file, rotation: {bytes: 5}});
      for (const line of ['one\n', 'two\n', 'three\n']) {
        output.add(line);
        await output.flush();
        if (line === 'one\n') replace();
      }
      await output.end();
      const all = readdirSync(directory)
        .map((name) => read(name))
        .join('');
      for (const line of how === 'removed' ? ['two', 'three'] : ['one', 'two', 'three'])
        assert.ok(all.includes(`${line}\n`), all);
      assert.ok(!read().includes('two') || how === 'removed');
    });

  for (const [how, place] of [
    [
      'a directory',
      () => {
        mkdirSync(file);
      },
    ],
    [
      'a FIFO',
      () => {
        execFileSync('mkfifo', [file]);
      },
    ],
    [
      'a symbolic link',
      () => {
        symlinkSync('/dev/null', file);
      },
    ],
  ] as const)
    it(`continues in the open file, with one warning, when ${how} took its name`, async () => {
      const warnings: string[] = [];
      const warn = (text: string): void => void warnings.push(text);
      const output = await createFileOutput({path: file, rotation: {bytes: 1}, warn});
      output.add('one\n');
      await output.flush();
      renameSync(file, `${file}.old`);
      place();
      for (const line of ['two\n', 'three\n']) {
        output.add(line);
        await output.flush();
      }
      await output.end();
      assert.equal(read('events.old'), 'one\ntwo\nthree\n');
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', /^cannot reopen \S+events: .+; continuing with the open file$/);
    });

  it('reopens the file by its name', async () => {
    const output = await createFileOutput({path: file});
    output.add('one\n');
    await output.flush();
    renameSync(file, `${file}.old`);
    await output.reopen();
    assert.equal(read(), '');
    output.add('two\n');
    await output.end();
    assert.deepEqual([read('events.old'), read()], ['one\n', 'two\n']);
  });

  it('two outputs that rotate one file lose and tear no line', async () => {
    const options: FileOutputOptions = {path: file, rotation: {bytes: 500}};
    const outputs = [await createFileOutput(options), await createFileOutput(options)];
    const lines = (name: string): string[] => Array.from({length: 1000}, (_, i) => `${name} ${String(i)}\n`);
    await Promise.all(
      outputs.map(async (output, index) => {
        for (const line of lines(String(index))) {
          output.add(line);
          await output.flush();
        }
        await output.end();
      }),
    );
    const all = readdirSync(directory).flatMap((name) => read(name).split(/(?<=\n)/));
    assert.deepEqual(all.sort(), [...lines('0'), ...lines('1')].sort());
  });

  it('writes the header to each file that does not have it', async () => {
    const head = (): string => 'head\n';
    await write(['head\none\n', 'two\n'], {}, head);
    await write(['head\nthree\n'], {}, head);
    assert.equal(read(), 'head\none\ntwo\nthree\n');
    await write(['head\nfour\n', 'five\n', 'six\n'], {rotation: {bytes: 15}}, head);
    assert.deepEqual(
      ['events.1', 'events.2', 'events'].map((name) => read(name)),
      ['head\none\ntwo\nthree\n', 'head\nfour\nfive\n', 'head\nsix\n'],
    );
  });

  it('begins a truncated file with the header', async () => {
    const output = await createFileOutput({path: file});
    output.setHead(() => 'head\n');
    output.add('head\none\n');
    await output.flush();
    truncateSync(file);
    output.add('two\n');
    await output.end();
    assert.equal(read(), 'head\ntwo\n');
  });

  describe('compress', () => {
    const unpack = (name: string): string => gunzipSync(readFileSync(path.join(directory, name))).toString();

    it('replaces rotated files by gzip files of the same mode', async () => {
      await write(['one\n', 'two\n', 'three\n'], {rotation: {bytes: 1, compress: true}});
      assert.deepEqual(readdirSync(directory).sort(), ['events', 'events.1.gz', 'events.2.gz']);
      assert.deepEqual([unpack('events.1.gz'), unpack('events.2.gz'), read()], ['one\n', 'two\n', 'three\n']);
      assert.equal(statSync(`${file}.1.gz`).mode & 0o777, 0o600);
    });

    it('takes files larger than its buffer', async () => {
      const line = `${'x'.repeat(99)}\n`;
      const output = await createFileOutput({path: file, rotation: {bytes: 5e6, compress: true}});
      for (let i = 0; i < 200; i++) {
        for (let j = 0; j < 1000; j++) output.add(line);
        await output.flush();
      }
      await output.end();
      const names = readdirSync(directory);
      assert.ok(names.length >= 4);
      const texts = names.map((name) => (name.endsWith('.gz') ? unpack(name) : read(name)));
      assert.equal(texts.join(''), line.repeat(200_000));
    });

    it('keep counts compressed files', async () => {
      await write(['1\n', '2\n', '3\n', '4\n', '5\n'], {rotation: {bytes: 1, compress: true, keep: 2}});
      assert.deepEqual(readdirSync(directory).sort(), ['events', 'events.3.gz', 'events.4.gz']);
    });

    it('finishes the compression of a crashed run', async () => {
      writeFileSync(`${file}.1`, 'not started\n');
      writeFileSync(`${file}.2`, 'half done\n');
      writeFileSync(`${file}.2.gz.999999999.tmp`, 'half');
      writeFileSync(`${file}.3`, 'not removed\n');
      writeFileSync(`${file}.3.gz`, gzipSync('not removed\n'));
      await write(['one\n'], {rotation: {bytes: 100, compress: true}});
      assert.deepEqual(readdirSync(directory).sort(), ['events', 'events.1', 'events.2.gz', 'events.3.gz']);
      assert.deepEqual([unpack('events.2.gz'), unpack('events.3.gz')], ['half done\n', 'not removed\n']);
    });
  });

  it('refuses a directory, a device and a symbolic link', async () => {
    writeFileSync(path.join(directory, 'precious'), 'kept');
    symlinkSync('precious', file);
    const refused = async (name: string, reason: RegExp): Promise<void> => {
      await assert.rejects(createFileOutput({path: name}), reason);
    };
    await refused(directory, /^TcptraceError: cannot write \S+: illegal operation on a directory$/);
    await refused('/dev/null', /^TcptraceError: cannot write \/dev\/null: not a regular file$/);
    await refused(file, /^TcptraceError: cannot write \S+: a symbolic link$/);
    assert.equal(read('precious'), 'kept');
  });
});

describe('periods of rotation', () => {
  const HOUR_MS = 3_600_000;
  const at = (text: string): number => new Date(text).getTime();

  it('begin at the full hour and at midnight in local time', () => {
    const isNew = (periodMs: number, from: string, to: string): boolean =>
      periodOf(at(from), periodMs) !== periodOf(at(to), periodMs);
    assert.ok(isNew(HOUR_MS, '2026-11-28T09:59:59.999', '2026-11-28T10:00:00'));
    assert.ok(!isNew(HOUR_MS, '2026-11-28T10:00:00', '2026-11-28T10:59:59.999'));
    assert.ok(isNew(24 * HOUR_MS, '2026-11-27T23:59:59.999', '2026-11-28T00:00:00'));
    assert.ok(!isNew(24 * HOUR_MS, '2026-11-28T00:00:00', '2026-11-28T23:59:59.999'));
  });
});
