/** Output to files, pipes and devices. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {constants, createWriteStream, mkdtempSync, openSync, readFileSync, rmSync} from 'node:fs';
import {Socket} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {Writable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {TcptraceError} from '#dist/model/errors.js';
import {createOutput} from '#dist/output/output.js';

const MANY = 2 ** 20;

/** More than the buffers of a pipe and a stream hold. */
const BLOCK = 'x'.repeat(MANY - 1) + '\n';

interface Pipe {
  readonly writer: Writable;
  /** A paused reader. */
  readonly reader: Socket;
}

describe('output', () => {
  let directory = '';

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
  });

  afterEach(() => {
    rmSync(directory, {recursive: true});
  });

  /** Opens both ends of a pipe. */
  function openPipe(): Pipe {
    const fifo = path.join(directory, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const {O_RDONLY, O_WRONLY, O_NONBLOCK} = constants;
    const reader = new Socket({fd: openSync(fifo, O_RDONLY | O_NONBLOCK), readable: true, writable: false});
    const writer = new Socket({fd: openSync(fifo, O_WRONLY | O_NONBLOCK), readable: false, writable: true});
    return {reader, writer};
  }

  async function readAll(reader: Socket): Promise<string> {
    reader.setEncoding('utf8');
    let text = '';
    for await (const chunk of reader) text += String(chunk);
    return text;
  }

  /** True if a promise is settled after pending I/O. */
  async function isPending(promise: Promise<unknown>): Promise<boolean> {
    return Promise.race([promise.then(() => false), sleep(100, true)]);
  }

  it('file: complete and in order when end() resolves', async () => {
    const file = path.join(directory, 'out');
    const output = createOutput(createWriteStream(file));
    let expected = '';
    for (let i = 0; i < 20_000; i++) {
      const line = `line ${String(i)} ${'é'.repeat(i % 50)}\n`;
      expected += line;
      output.add(line);
      if (i % 1000 === 0) await output.flush();
    }
    await output.end();
    assert.equal(readFileSync(file, 'utf8'), expected);
    assert.equal(output.closed.aborted, false);
  });

  it('file: empty without output', async () => {
    const file = path.join(directory, 'out');
    const output = createOutput(createWriteStream(file));
    await output.flush();
    await output.end();
    assert.equal(readFileSync(file, 'utf8'), '');
  });

  it('pipe: text is readable after flush()', async () => {
    const {writer, reader} = openPipe();
    const output = createOutput(writer);
    output.add('one\n');
    await output.flush();
    const [chunk] = await new Promise<[Buffer]>((resolve) => {
      reader.once('data', (data: Buffer) => {
        resolve([data]);
      });
    });
    assert.equal(String(chunk), 'one\n');
    writer.destroy();
    reader.destroy();
  });

  it('pipe: waits for a slow reader and loses nothing', async () => {
    const {writer, reader} = openPipe();
    const output = createOutput(writer);
    output.add(BLOCK);
    const flushed = output.flush();
    assert.equal(await isPending(flushed), true);
    const text = readAll(reader);
    await flushed;
    output.add('last\n');
    await output.end();
    writer.destroy();
    assert.equal(await text, `${BLOCK}last\n`);
  });

  it('pipe: end() waits until the reader has taken the rest', async () => {
    const {writer, reader} = openPipe();
    const output = createOutput(writer);
    output.add(BLOCK);
    const ended = output.end();
    assert.equal(await isPending(ended), true);
    const text = readAll(reader);
    await ended;
    assert.equal(writer.writableLength, 0);
    writer.destroy();
    assert.equal((await text).length, BLOCK.length);
  });

  it('pipe: a closed reader stops the output without an error', async () => {
    const {writer, reader} = openPipe();
    const output = createOutput(writer);
    output.add(BLOCK);
    const flushed = output.flush();
    assert.equal(await isPending(flushed), true);
    assert.equal(output.closed.aborted, false);
    reader.destroy();
    await flushed;
    assert.equal(output.closed.aborted, true);
    output.add(BLOCK);
    await output.flush();
    await output.end();
  });

  it('pipe: a reader that closed before the start', async () => {
    const {writer, reader} = openPipe();
    reader.destroy();
    await sleep(10);
    const output = createOutput(writer);
    output.add('one\n');
    await output.end();
    assert.equal(output.closed.aborted, true);
  });

  it('full disk: end() and later calls reject', async () => {
    const output = createOutput(createWriteStream('/dev/full'));
    output.add('one\n');
    const isFull = (error: unknown): boolean =>
      error instanceof TcptraceError &&
      error.exitCode === 1 &&
      error.message === 'cannot write the output: no space left on device';
    await assert.rejects(output.end(), isFull);
    assert.equal(output.closed.aborted, true);
    await assert.rejects(output.flush(), isFull);
    await assert.rejects(output.end(), isFull);
  });

  it('writes large chunks without a flush', async () => {
    const file = path.join(directory, 'out');
    const stream = createWriteStream(file, {highWaterMark: MANY * 2});
    const output = createOutput(stream);
    for (let i = 0; i < 1000; i++) output.add('x'.repeat(100));
    assert.ok(stream.writableLength >= 64 * 1024, String(stream.writableLength));
    assert.ok(stream.writableLength < 100_000);
    await output.end();
  });
});
