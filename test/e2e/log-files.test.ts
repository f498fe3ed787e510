/** Output files that other programs move, remove, truncate or read. Every event is counted: none is lost, doubled or torn. */
import assert from 'node:assert/strict';
import {type ChildProcess, execFileSync, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import {killGroup, reaped} from '../helpers/child.js';
import {PROBE} from '../helpers/machine.js';
import {connectPair} from '../helpers/pair.js';
import {untilReady} from '../helpers/ready.js';
import {suite} from '../helpers/suite.js';
import {CLI, type TraceEvent, WATCH} from '../helpers/tracer.js';
import {until} from '../helpers/until.js';

interface Recorder extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Interrupts it; returns exit code and stderr without the ready line and the summary. */
  stop(): Promise<readonly [number | null, string]>;
}

suite('log files', (stage) => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    file = path.join(directory, 'log');
  });
  afterEach(() => {
    rmSync(directory, {recursive: true});
  });

  /** Starts a tracer of the actor in a session of its own, so without a controlling terminal. */
  async function record(...flags: string[]): Promise<Recorder> {
    const format = flags.includes('--format') ? [] : ['--ndjson'];
    const words = [
      CLI,
      'watch',
      '--probe',
      PROBE,
      ...format,
      '--pid',
      String(stage.actor.pid),
      '--output',
      file,
      ...flags,
    ];
    const spawned = spawn(process.execPath, words, {stdio: ['ignore', 'ignore', 'pipe'], detached: true});
    const child = reaped(spawned, {kill: killGroup});
    const closed = once(child, 'close') as Promise<[number | null]>;
    let stderr = '';
    await untilReady(spawned.stderr, (line) => (stderr += `${line}\n`));
    return {
      child,
      async stop() {
        child.kill('SIGINT');
        const [code] = await closed;
        return [code, stderr.replace(/^.*\(ready\)\n|^tcptrace: \d+ events? .*\n/gm, '')];
      },
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  }

  /** Makes connections, each with 4 events, and waits until the log has grown to this number of lines. */
  async function connect(count: number, lines?: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const {client, server, listener} = await connectPair(stage.actor, '127.0.0.1');
      for (const sock of [client, server, listener]) await sock.close();
    }
    if (lines !== undefined) await until(() => allLines().length >= lines, `${String(lines)} lines`);
  }

  const linesOf = (name: string): string[] =>
    readFileSync(path.join(directory, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  const allLines = (): string[] => readdirSync(directory).flatMap(linesOf);

  /** Asserts that each event is there as many times as there are tracers. */
  function assertComplete(connections: number, tracers = 1): void {
    const counts = new Map<string, number>();
    for (const line of allLines()) {
      const {event, inode} = JSON.parse(line) as TraceEvent;
      const key = `${event} ${String(inode)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    assert.equal(counts.size, 4 * connections);
    assert.ok([...counts.values()].every((count) => count === tracers));
  }

  it('appends to a file that another program copied and truncated', async () => {
    await using recorder = await record();
    await connect(5, 20);
    copyFileSync(file, `${file}.copy`);
    truncateSync(file);
    await connect(5, 40);
    assert.deepEqual(await recorder.stop(), [0, '']);
    assertComplete(10);
  });

  for (const format of ['ndjson', 'csv'])
    it(`SIGHUP without a terminal reopens a moved file: ${format}`, async () => {
      const header = format === 'csv' ? 1 : 0;
      await using recorder = await record('--format', format);
      await connect(5, 20 + header);
      renameSync(file, `${file}.old`);
      recorder.child.kill('SIGHUP');
      await until(() => existsSync(file), 'the new file');
      await connect(5, 40 + 2 * header);
      assert.deepEqual(await recorder.stop(), [0, '']);
      assert.deepEqual([linesOf('log.old').length, linesOf('log').length], [20 + header, 20 + header]);
      if (header === 0) assertComplete(10);
      else for (const name of ['log', 'log.old']) assert.match(linesOf(name)[0] ?? '', /^time,event,/);
    });

  for (const [how, touch] of [
    [
      'moved',
      () => {
        renameSync(file, `${file}.old`);
      },
    ],
    [
      'replaced by a directory',
      () => {
        renameSync(file, `${file}.old`);
        mkdirSync(file);
      },
    ],
  ] as const)
    it(`--rotate continues after the file was ${how}`, async () => {
      await using recorder = await record('--rotate', '8K');
      await connect(4, 16);
      touch();
      await connect(10);
      const [code, stderr] = await recorder.stop();
      assert.equal(code, 0);
      const isBlocked = how !== 'moved';
      assert.match(
        stderr,
        isBlocked ? /^tcptrace: cannot reopen .*; continuing with the open file\n$/ : /^$/,
      );
      if (isBlocked) rmSync(file, {recursive: true});
      assertComplete(14);
    });

  it('--rotate recreates a removed file', async () => {
    await using recorder = await record('--rotate', '8K');
    await connect(4, 16);
    rmSync(file);
    await connect(10, 40);
    assert.deepEqual(await recorder.stop(), [0, '']);
    assertComplete(10);
  });

  it('two tracers that share and rotate one file', async () => {
    await using first = await record('--rotate', '4K');
    await using second = await record('--rotate', '4K');
    await connect(25, 200);
    assert.deepEqual(
      [await first.stop(), await second.stop()],
      [
        [0, ''],
        [0, ''],
      ],
    );
    assertComplete(25, 2);
    assert.ok(readdirSync(directory).length > 5);
  });

  describe('FIFO', () => {
    beforeEach(() => {
      execFileSync('mkfifo', [file]);
    });

    for (const flag of ['--output', '--ready-file'])
      it(`${flag}: refused without a reader`, () => {
        const {status, stderr} = spawnSync(process.execPath, [CLI, ...WATCH, flag, file], {encoding: 'utf8'});
        const reason = 'no process reads this FIFO; start its reader first';
        assert.deepEqual([status, stderr], [1, `tcptrace: cannot write ${file}: ${reason}\n`]);
      });

    it('--output: a reader gets every event', async () => {
      const copy = path.join(directory, 'copy');
      await using reader = reaped(spawn('sh', ['-c', `exec cat '${file}' >'${copy}'`], {stdio: 'ignore'}));
      const read = once(reader, 'close');
      await using recorder = await record();
      await connect(5);
      assert.deepEqual(await recorder.stop(), [0, '']);
      await read;
      rmSync(file);
      assertComplete(5);
    });

    it('--ready-file: its reader gets the pid once the probes are attached', async () => {
      const fifo = path.join(directory, 'ready');
      renameSync(file, fifo);
      await using reader = reaped(spawn('cat', [fifo], {stdio: ['ignore', 'pipe', 'ignore']}));
      const said = text(reader.stdout);
      await using recorder = await record('--ready-file', fifo);
      assert.equal(await said, `${String(recorder.child.pid)}\n`);
      assert.equal((await recorder.stop())[0], 0);
      assert.ok(statSync(fifo).isFIFO());
    });
  });
});
