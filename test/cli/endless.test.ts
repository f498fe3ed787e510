/** Recordings without end on stdin: read as they come, and not kept. */
import assert from 'node:assert/strict';
import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, openSync, rmSync, writeSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {Readable, Writable} from 'node:stream';
import {text} from 'node:stream/consumers';
import {setTimeout} from 'node:timers/promises';
import {readUsage} from '#dist/procfs/usage.js';
import {seconds} from '../helpers/machine.js';
import {onLines} from '../helpers/lines.js';
import {CLI} from './run.js';

const MB = 2 ** 20;

const event = (inode: number): string =>
  `{"time":"2026-11-23T12:00:00.123456789Z","event":"accept","source":"kprobe","family":4,"raddr":"10.0.0.1","rport":1,"inode":${String(inode)},"direction":"in"}\n`;

interface Reader {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly send: (bytes: Buffer, times: number) => Promise<void>;
  readonly peakBytes: () => number;
}

function replay(...flags: string[]): Reader {
  const child = spawn(process.execPath, [CLI, 'replay', '-', '--ndjson', ...flags], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const {stdin} = child;
  return {
    child,
    stdin,
    async send(bytes, times) {
      for (let sent = 0; sent < times; sent++) if (!stdin.write(bytes)) await once(stdin, 'drain');
    },
    peakBytes: () => readUsage(child.pid ?? 0)?.peakRssBytes ?? NaN,
  };
}

describe('a recording without end', function () {
  this.timeout(300_000);

  it('and SIGUSR1, which is for watch: no debugger is opened', async () => {
    const {child, stdin} = replay();
    const closed = once(child, 'close');
    const stderr = text(child.stderr as Readable);
    child.stdout?.resume();
    stdin.write(`no event\n${event(1)}`);
    await once(child.stderr as Readable, 'data');
    child.kill('SIGUSR1');
    stdin.end(event(2));
    assert.equal(await stderr, 'tcptrace: -:1: not an event, skipped\n');
    assert.deepEqual(await closed, [0, null]);
  });

  it('of one line of 1 GB: it is told as broken, the next one is read', async () => {
    const {child, stdin, send, peakBytes} = replay();
    const outputs = [child.stdout, child.stderr].map(async (stream) => {
      let text = '';
      for await (const chunk of stream ?? []) text += String(chunk);
      return text;
    });
    await send(Buffer.from('{"comm":"'), 1);
    await send(Buffer.alloc(MB, 'x'), 1024);
    const peak = peakBytes();
    stdin.end(`"}\n${event(7)}`);
    assert.deepEqual(await Promise.all(outputs), [event(7), 'tcptrace: -:1: not an event, skipped\n']);
    assert.deepEqual(await once(child, 'close'), [0, null]);
    assert.ok(peak < 256 * MB, String(peak));
  });

  it('of lines without number: events, blank ones, broken ones; memory stays where it is', async () => {
    const {child, stdin, send, peakBytes} = replay('--stats');
    child.stdout?.resume();
    child.stderr?.resume();
    const events = Array.from({length: 300}, (_, index) => event(index)).join('');
    const lines = Buffer.from(`${events}${'\n'.repeat(1000)}${'{\n'.repeat(100)}`);
    await send(lines, 50);
    const before = peakBytes();
    await send(lines, 250);
    const after = peakBytes();
    stdin.end();
    assert.deepEqual(await once(child, 'close'), [0, null]);
    assert.ok(after < before + 32 * MB, `${String(before)} -> ${String(after)}`);
  });

  /** Resolves with so many lines, as soon as they are there. */
  function linesOf(stdout: Readable, count: number): Promise<string[]> {
    return new Promise((resolve) => {
      const lines: string[] = [];
      onLines(stdout, (line) => {
        if (lines.push(`${line}\n`) === count) resolve(lines);
      });
    });
  }

  for (const flags of [[], ['--speed', '1000']]) {
    const name = flags.join(' ');

    it(`that comes slowly is shown as it comes; SIGINT ends it ${name}`, async () => {
      const {child, stdin} = replay(...flags);
      assert.ok(child.stdout);
      const lines = linesOf(child.stdout, 3);
      stdin.write(event(1) + event(2) + event(3));
      assert.deepEqual(await lines, [event(1), event(2), event(3)]);
      child.kill('SIGINT');
      assert.deepEqual(await once(child, 'close'), [0, null]);
    });

    it(`ends with the last one that was asked for ${name}`, async () => {
      const {child, stdin} = replay('--count', '1', ...flags);
      assert.ok(child.stdout);
      const lines = linesOf(child.stdout, 1);
      stdin.write(event(1) + event(2));
      assert.deepEqual(await lines, [event(1)]);
      assert.deepEqual(await once(child, 'close'), [0, null]);
    });
  }

  it('in a named pipe: is waited for, shown as it comes; SIGINT ends it', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    const pipe = path.join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const waiting = spawn(process.execPath, [CLI, 'replay', pipe, '--ndjson'], {stdio: 'pipe'});
    await setTimeout(seconds(1));
    const writer = openSync(pipe, 'r+');
    const lines = linesOf(waiting.stdout, 1);
    writeSync(writer, event(1));
    assert.deepEqual(await lines, [event(1)]);
    waiting.kill('SIGINT');
    assert.deepEqual(await once(waiting, 'close'), [0, null]);
    rmSync(directory, {recursive: true});
  });
});
