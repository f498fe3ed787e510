/** Endless recordings on stdin: processed as they arrive, in bounded memory. */
import assert from 'node:assert/strict';
import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, constants, mkdtempSync, openSync, rmSync, writeSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {Readable, Writable} from 'node:stream';
import {text} from 'node:stream/consumers';
import {readUsage} from '#dist/procfs/usage.js';
import {reaped} from '../helpers/child.js';
import {onLines} from '../helpers/lines.js';
import {until} from '../helpers/until.js';
import {CLI} from './run.js';

const MB = 2 ** 20;

const event = (inode: number): string =>
  `{"time":"2026-11-23T12:00:00.123456789Z","event":"accept","source":"kprobe","family":4,"raddr":"10.0.0.1","rport":1,"inode":${String(inode)},"direction":"in"}\n`;

/** Time limit of each test. */
const LIMIT_MS = 300_000;

function replay(...words: string[]) {
  return reaped(spawn(process.execPath, [CLI, 'replay', '--ndjson', ...words]), {lifeMs: LIMIT_MS - 10_000});
}

async function send(stdin: Writable, bytes: Buffer, times: number): Promise<void> {
  for (let sent = 0; sent < times; sent++) if (!stdin.write(bytes)) await once(stdin, 'drain');
}

const peakBytes = ({pid = 0}: ChildProcess): number => readUsage(pid)?.peakRssBytes ?? NaN;

/** Opens a FIFO for writing; -1 if it has no reader. */
function openWaitedFor(pipe: string): number {
  try {
    return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    return -1;
  }
}

/** Resolves with `count` lines, or with those that arrived before the stream closed. */
async function linesOf(stdout: Readable, count: number): Promise<string[]> {
  return new Promise((resolve) => {
    const lines: string[] = [];
    onLines(stdout, (line) => {
      if (lines.push(`${line}\n`) === count) resolve(lines);
    });
    stdout.once('close', () => {
      resolve(lines);
    });
  });
}

describe('replay of an endless recording', function () {
  this.timeout(LIMIT_MS);

  it('ignores SIGUSR1: does not open the debugger', async () => {
    await using child = replay('-');
    const closed = once(child, 'close');
    const stderr = text(child.stderr);
    child.stdout.resume();
    child.stdin.write(`no event\n${event(1)}`);
    await once(child.stderr, 'data');
    child.kill('SIGUSR1');
    child.stdin.end(event(2));
    assert.equal(await stderr, 'tcptrace: -:1: not an event, skipped\n');
    assert.deepEqual(await closed, [0, null]);
  });

  it('reports a line of 1 GB as invalid and reads the next', async () => {
    await using child = replay('-');
    const closed = once(child, 'close');
    const outputs = [text(child.stdout), text(child.stderr)];
    await send(child.stdin, Buffer.from('{"comm":"'), 1);
    await send(child.stdin, Buffer.alloc(MB, 'x'), 1024);
    const peak = peakBytes(child);
    child.stdin.end(`"}\n${event(7)}`);
    assert.deepEqual(await Promise.all(outputs), [event(7), 'tcptrace: -:1: not an event, skipped\n']);
    assert.deepEqual(await closed, [0, null]);
    assert.ok(peak < 256 * MB, String(peak));
  });

  it('keeps memory constant over endless valid, blank and invalid lines', async () => {
    await using child = replay('-', '--stats');
    child.stdout.resume();
    child.stderr.resume();
    const events = Array.from({length: 300}, (_, index) => event(index)).join('');
    const lines = Buffer.from(`${events}${'\n'.repeat(1000)}${'{\n'.repeat(100)}`);
    // the garbage between two collections of the whole heap is part of it from now on
    await send(child.stdin, lines, 250);
    const before = peakBytes(child);
    await send(child.stdin, lines, 250);
    const after = peakBytes(child);
    child.stdin.end();
    assert.deepEqual(await once(child, 'close'), [0, null]);
    assert.ok(after < before + 32 * MB, `${String(before)} -> ${String(after)}`);
  });

  for (const flags of [[], ['--speed', '1000']]) {
    const name = flags.join(' ');

    it(`shows events as they arrive; SIGINT stops it ${name}`, async () => {
      await using child = replay('-', ...flags);
      const lines = linesOf(child.stdout, 3);
      child.stdin.write(event(1) + event(2) + event(3));
      assert.deepEqual(await lines, [event(1), event(2), event(3)]);
      child.kill('SIGINT');
      assert.deepEqual(await once(child, 'close'), [0, null]);
    });

    it(`exits after --count events ${name}`, async () => {
      await using child = replay('-', '--count', '1', ...flags);
      const closed = once(child, 'close');
      const lines = linesOf(child.stdout, 1);
      child.stdin.write(event(1) + event(2));
      assert.deepEqual(await lines, [event(1)]);
      assert.deepEqual(await closed, [0, null]);
    });
  }

  it('waits for a named pipe, shows events as they arrive; SIGINT stops it', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    try {
      const pipe = path.join(directory, 'pipe');
      execFileSync('mkfifo', [pipe]);
      await using child = replay(pipe);
      let writer = -1;
      await until(() => (writer = openWaitedFor(pipe)) >= 0, 'a reader');
      const lines = linesOf(child.stdout, 1);
      writeSync(writer, event(1));
      assert.deepEqual(await lines, [event(1)]);
      child.kill('SIGINT');
      assert.deepEqual(await once(child, 'close'), [0, null]);
      closeSync(writer);
    } finally {
      rmSync(directory, {recursive: true});
    }
  });
});
