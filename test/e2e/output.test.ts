/** Output of watch: tables, pipes, exit. */
import assert from 'node:assert/strict';
import {existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {run} from '../cli/run.js';
import {eventsOf} from '../helpers/expect.js';
import {hasProgram, PROBE} from '../helpers/machine.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {shell} from '../helpers/shell.js';
import {skip, suite} from '../helpers/suite.js';
import {CLI, Tracer, type TraceEvent} from '../helpers/tracer.js';
import {until} from '../helpers/until.js';

const SUMMARY = /^tcptrace: \d+ events? .*, 0 lost, by \w+ in \d+\.\d s$/m;

suite('output', (stage) => {
  async function connectAndClose(count = 1): Promise<void> {
    for (let i = 0; i < count; i++) {
      const {client, server, listener} = await connectPair(stage.actor, '127.0.0.1');
      for (const sock of [client, server, listener]) await sock.close();
    }
  }

  /** Runs a shell command that contains $TCPTRACE; makes connections once the trace is ready. */
  async function watch(command: string, connections = 10) {
    return shell(command, ['watch', '--probe', PROBE], async ({ready}) => {
      await ready;
      await connectAndClose(connections);
    });
  }

  const ourFirst = (): string => `--count 1 --event connect --pid ${String(stage.actor.pid)}`;

  const port = (row: string): string => /127\.0\.0\.1:(\d+)/.exec(row)?.[1] ?? '';

  describe('in a pipe', () => {
    it('| jq: receives every event immediately', async function () {
      if (!hasProgram('jq')) skip(this, 'no jq');
      const {code, stdout, stderr} = await watch(
        `$TCPTRACE --ndjson --pid ${String(stage.actor.pid)} --count 8 | jq --unbuffered -r '[.event, .pid] | join(" ")'`,
        2,
      );
      assert.equal(code, 0, stderr);
      const rows = ['connect', 'accept', 'close', 'close'].map(
        (event) => `${event} ${String(stage.actor.pid)}`,
      );
      assert.deepEqual(stdout.trimEnd().split('\n'), [...rows, ...rows]);
      assert.match(stderr, SUMMARY);
    });

    it('| head -3: exits quietly, even without further events', async () => {
      const filter = `--event connect --pid ${String(stage.actor.pid)}`;
      const {code, stdout, stderr} = await watch(`$TCPTRACE --ndjson ${filter} | head -3`, 3);
      assert.equal(code, 0, stderr);
      assert.equal(stdout.trimEnd().split('\n').length, 3);
      assert.equal(stderr, `tcptrace: tracing with ${PROBE} (ready)\n`);
    });

    it('writes an event before the next one occurs', async () => {
      await using tracer = await Tracer.start();
      for (let i = 0; i < 5; i++) {
        const {client} = await connectPair(stage.actor, '127.0.0.1');
        await tracer.waitForEvent(client, 'connect');
      }
    });

    it('prints plain rows under a header', async () => {
      const {code, stdout, stderr} = await watch(
        `$TCPTRACE --pid ${String(stage.actor.pid)} --count 4 | cat`,
      );
      assert.equal(code, 0, stderr);
      const [header = '', ...rows] = stdout.trimEnd().split('\n');
      assert.match(header, /^TIME +EVENT +PID +UID +COMM +LOCAL +REMOTE +NETNS +INODE DETAIL$/);
      assert.equal(rows.length, 4);
      const at = header.indexOf('LOCAL');
      for (const row of rows) {
        assert.match(
          row,
          /^\d\d:\d\d:\d\d\.\d{6} (?:connect|accept |close {2}) +\d+ +0 actor +127\.0\.0\.1:/,
        );
        assert.equal(row.slice(at).startsWith('127.0.0.1:'), true, 'columns are aligned');
      }
      assert.equal(port(rows[0] ?? ''), port(rows[2] ?? ''), 'the client closes what it connected');
    });
  });

  it('colors the table with --color always', async () => {
    const {stdout} = await watch(`$TCPTRACE --color always ${ourFirst()}`);
    assert.match(stdout, /\u001b\[94mconnect *\u001b\[39m/);
  });

  it('escapes a hostile name and respects NO_COLOR', async () => {
    await stage.actor.setComm('\u001b[2J\n\u202e\u0007');
    const {stdout} = await watch(`NO_COLOR=1 FORCE_COLOR=1 $TCPTRACE ${ourFirst()}`);
    const [, row = '', ...more] = stdout.trimEnd().split('\n');
    assert.deepEqual(more, []);
    assert.ok(row.includes('\\x1b[2J\\x0a\\u{202e}\\x07'), row);
    assert.doesNotMatch(stdout, /\u001b/);
  });

  describe('exit', () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`by ${signal}: writes everything and a summary, exits with 0`, async () => {
        await using tracer = await Tracer.start();
        const {client, server} = await connectPair(stage.actor, '127.0.0.1');
        await client.close();
        await server.close();
        const {events, code, stderr} = await tracer.stop(signal);
        assert.equal(code, 0);
        assert.equal(eventsOf(events, client, server).length, 4);
        assert.match(stderr, SUMMARY);
      });
    }

    it('after --duration', async () => {
      const {code, stdout, stderr} = await watch('$TCPTRACE --ndjson --event connect --duration 1s', 3);
      assert.equal(code, 0);
      assert(stdout.trimEnd().split('\n').length >= 3);
      assert.match(stderr, /by \w+ in [1-9]\d*\.\d s/);
    });

    it('on a full disk: exits with 1 and a message', async () => {
      const {code, stderr} = await watch('$TCPTRACE --ndjson >/dev/full');
      assert.equal(code, 1);
      assert.match(stderr, /^tcptrace: cannot write the output: no space left on device$/m);
      assert.doesNotMatch(stderr, /at .*\.js/);
    });

    it('--quiet: prints no messages', async () => {
      const {stderr, stdout, code} = await shell(
        '$TCPTRACE --ndjson --count 4 --quiet',
        ['watch', '--probe', PROBE],
        // --quiet prints no "(ready)"
        async (running) => {
          while (!running.hasExited) await connectAndClose();
        },
      );
      assert.deepEqual([stderr, code], ['', 0]);
      assert.equal(stdout.trimEnd().split('\n').length, 4);
    });

    it('after exactly --count events, in a file', async () => {
      const directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
      try {
        const file = path.join(directory, 'events.ndjson');
        const {code, stderr} = await watch(`$TCPTRACE --ndjson --count 38 >${file}`, 10);
        assert.equal(code, 0);
        assert.match(stderr, /^tcptrace: 38 events /m);
        const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
        assert.equal(lines.length, 38);
        for (const line of lines) JSON.parse(line);
      } finally {
        rmSync(directory, {recursive: true});
      }
    });
  });

  it('--output: creates a private file; --ready-file: signals readiness', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    const [output, ready] = [path.join(directory, 'events'), path.join(directory, 'ready')];
    try {
      await using tracer = await Tracer.start(['--output', output, '--ready-file', ready]);
      await until(() => existsSync(ready) && readFileSync(ready, 'utf8') !== '', 'a file that says so');
      assert.equal(readFileSync(ready, 'utf8'), `${String(tracer.pid)}\n`);
      const {client, server} = await connectPair(stage.actor, '127.0.0.1');
      await closePair({client, server});
      const {events, code} = await tracer.stop();
      assert.deepEqual([events, code], [[], 0]);
      assert.equal(statSync(output).mode & 0o777, 0o600);
      const written = readFileSync(output, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as TraceEvent);
      assert.deepEqual(
        eventsOf(written, client, server).map(({event}) => event),
        ['connect', 'accept', 'close', 'close'],
      );
    } finally {
      rmSync(directory, {recursive: true});
    }
  });

  it('--ready-file: removes the file of an earlier trace', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    const ready = path.join(directory, 'ready');
    try {
      writeFileSync(ready, '1\n');
      const flags = ['--ready-file', ready, '--output', path.join(directory, 'none/events')];
      assert.equal(run(process.execPath, [CLI, 'watch', ...flags]).status, 1);
      assert.ok(!existsSync(ready));
    } finally {
      rmSync(directory, {recursive: true});
    }
  });

  it('SIGUSR1: prints a summary', async () => {
    await using tracer = await Tracer.start(['--pid', String(stage.actor.pid)]);
    await closePair(await connectPair(stage.actor, '127.0.0.1'));
    await tracer.waitFor(() => tracer.events.length === 4, 'four events');
    tracer.signal('SIGUSR1');
    const summary = /^tcptrace: 4 events \(1 connect, 1 accept, 2 close\), 0 lost, by \w+ in [\d.]+ s$/gm;
    await tracer.waitFor(() => tracer.stderr.match(summary)?.length === 1, 'a summary');
    const {stderr, code} = await tracer.stop();
    assert.deepEqual([stderr.match(summary)?.length, code], [2, 0]);
  });

  it('--stats: totals at the end, where they disturb no reader', async () => {
    await using tracer = await Tracer.start(['--stats', '--pid', String(stage.actor.pid)]);
    await closePair(await connectPair(stage.actor, '127.0.0.1'));
    const {events, stderr} = await tracer.stop();
    assert.equal(events.length, 4);
    const counts = (connects: number, accepts: number, closes: number): string =>
      `"connects":${String(connects)},"accepts":${String(accepts)},"fails":0,"closes":${String(closes)},`;
    assert.ok(
      stderr.includes(`{"by":"process","pid":${String(stage.actor.pid)},"comm":"actor",${counts(1, 1, 2)}`),
      stderr,
    );
    assert.ok(stderr.includes(`{"by":"remote","family":4,"raddr":"127.0.0.1",${counts(0, 1, 1)}`), stderr);
  });
});
