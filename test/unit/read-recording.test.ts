/** Reads recordings through the library: compression, merging, selections. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {Readable} from 'node:stream';
import {gzipSync} from 'node:zlib';
import {readRecording, type ReadRecordingOptions, type RecordingInput, TcptraceError} from 'tcptrace';

/** An event whose number is its count, at this many milliseconds. */
const line = (number: number, ms = number): string =>
  `{"time":"${new Date(ms).toISOString()}","event":"lost","source":"kprobe","count":${String(number)}}\n`;

const lines = (from: number, to: number, step = 1): string =>
  Array.from({length: Math.ceil((to - from) / step)}, (_, i) => line(from + i * step)).join('');

describe('readRecording()', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
  });
  afterEach(() => {
    rmSync(directory, {recursive: true});
  });

  function write(name: string, content: string | Buffer): string {
    const file = path.join(directory, name);
    writeFileSync(file, content);
    return file;
  }

  async function read(
    input: RecordingInput | readonly RecordingInput[],
    options?: ReadRecordingOptions,
  ): Promise<number[]> {
    const numbers: number[] = [];
    for await (const batch of readRecording(input, options))
      for (const event of batch) if (event.event === 'lost') numbers.push(event.count);
    return numbers;
  }

  const range = (from: number, to: number): number[] => Array.from({length: to - from}, (_, i) => from + i);

  it('reads a path and a stream', async () => {
    const file = write('a', lines(0, 1000));
    assert.deepEqual(await read(file), range(0, 1000));
    assert.deepEqual(await read(Readable.from([Buffer.from(lines(0, 10))])), range(0, 10));
  });

  it('reads gzip by content, in several parts, whatever the name is', async () => {
    const parts = [gzipSync(lines(0, 500)), gzipSync(lines(500, 1000))];
    assert.deepEqual(await read(write('a.ndjson', Buffer.concat(parts))), range(0, 1000));
    const bytes = Buffer.concat(parts);
    const single = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
    assert.deepEqual(await read(Readable.from(single)), range(0, 1000));
  });

  it('reads a truncated gzip file up to its end, then fails', async () => {
    const numbers: number[] = [];
    const packed = gzipSync(lines(0, 10_000));
    const file = write('a.gz', packed.subarray(0, packed.length - 100));
    await assert.rejects(async () => {
      for await (const batch of readRecording(file))
        for (const event of batch) if (event.event === 'lost') numbers.push(event.count);
    }, /^TcptraceError: cannot read \S+: its compressed data ends early$/);
    assert.deepEqual(numbers, range(0, numbers.length));
  });

  it('names an unsupported compression, and a program that supports it', async () => {
    const file = write('a.xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1]));
    await assert.rejects(read(file), (error) => {
      assert.ok(error instanceof TcptraceError);
      assert.match(error.message, /^cannot read \S+: compressed with xz, which Node\.js \S+ cannot read$/);
      return error.hint?.includes('xzcat') === true;
    });
    const damaged = write('b.gz', Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
    await assert.rejects(read(damaged), /its compressed data is damaged/);
  });

  it('merges several recordings in order of time', async () => {
    const files = [0, 1, 2].map((offset) => {
      const text = lines(offset, 3000, 3);
      return write(`f${String(offset)}`, offset === 1 ? gzipSync(text) : text);
    });
    assert.deepEqual(await read(files), range(0, 3000));
    const [first = '', second = '', third = ''] = files;
    const stream = Readable.from([Buffer.from(lines(2, 3000, 3))]);
    assert.deepEqual(await read([second, stream, first]), range(0, 3000));
    await assert.rejects(read([third, '/nowhere']), /cannot read \/nowhere: no such file/);
  });

  it('reads a rotated set of hundreds of files with few open at a time', () => {
    const names = Array.from({length: 400}, (_, i) => write(`log.${String(i)}`, lines(i * 10, i * 10 + 10)));
    const script = `
      const {readRecording} = await import('tcptrace');
      const numbers = [];
      for await (const batch of readRecording(process.argv.slice(1))) for (const {count} of batch) numbers.push(count);
      console.log(numbers.length === 4000 && numbers.every((number, i) => number === i));`;
    const node = [process.execPath, '--input-type=module', '-e', script, ...names.reverse()];
    const limited = `ulimit -n 64; exec "$@"`;
    assert.equal(execFileSync('bash', ['-c', limited, 'bash', ...node], {encoding: 'utf8'}), 'true\n');
  });

  it('selects by filter and time, both limits included', async () => {
    const file = write('a', lines(0, 3000));
    const at = (ms: number): string => new Date(ms).toISOString();
    assert.deepEqual(await read(file, {since: at(1000), until: at(1999)}), range(1000, 2000));
    assert.deepEqual(await read(file, {filter: {events: ['close']}}), range(0, 3000));
    assert.throws(() => readRecording(file, {since: 'soon'}), /invalid value "soon"/);
    assert.throws(() => readRecording(file, {filter: {pids: [-1]}}), TcptraceError);
  });

  it('reports broken lines, and fails if no line is an event', async () => {
    const places: string[] = [];
    const onBrokenLine: ReadRecordingOptions['onBrokenLine'] = ({name, number}) => {
      places.push(`${path.basename(name)}:${String(number)}`);
    };
    assert.deepEqual(await read(write('a', `{\n${line(1)}x\n`), {onBrokenLine}), [1]);
    assert.deepEqual(places, ['a:1', 'a:3']);
    await assert.rejects(read(write('b', 'x\n')), /b: no line is an event$/);
    assert.deepEqual(await read(write('c', '')), []);
  });

  it('stops at an abort and when the loop is left', async () => {
    const file = write('a', gzipSync(lines(0, 100_000)));
    const end = new AbortController();
    let batches = 0;
    for await (const batch of readRecording(file, {signal: end.signal})) {
      batches += batch.length > 0 ? 1 : 0;
      end.abort();
    }
    assert.ok(batches > 0 && batches < 100);
    for await (const batch of readRecording([file, file])) {
      assert.ok(batch.length > 0);
      break;
    }
  });
});
