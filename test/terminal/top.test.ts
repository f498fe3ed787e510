/** `tcptrace top` on a real terminal, and in a pipe. */
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {reaped} from '../helpers/child.js';
import {onLines} from '../helpers/lines.js';
import {seconds} from '../helpers/machine.js';
import {connectPair, freePort, type Pair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import {showing, Tmux} from '../helpers/tmux.js';

suite('top', (stage) => {
  const words = (...args: string[]): string[] => showing('top', stage.actor.pid)(...args);

  async function connect(times: number): Promise<Pair> {
    let pair: Pair | undefined;
    for (let made = 0; made < times; made++) pair = await connectPair(stage.actor, '127.0.0.1');
    assert.ok(pair);
    return pair;
  }

  /** Pattern of the actor's row: new, open and total connections. */
  const row = (open: number, total: number): RegExp =>
    new RegExp(
      `^ *${String(stage.actor.pid)} \\S+( +\\S+){4} +\\d+ +${String(open)} +${String(total)} `,
      'm',
    );

  it('shows open and new connections, and restores the terminal', async () => {
    const old = await connect(1);
    using tmux = new Tmux(words());
    await tmux.waitFor(row(2, 0));
    assert.deepEqual([tmux.ask('alternate_on'), tmux.ask('cursor_flag')], ['1', '0']);
    await connect(3);
    await tmux.waitFor(row(8, 6));
    await old.client.close();
    await tmux.waitFor(row(7, 6));
    tmux.press('q');
    const lines = await tmux.waitFor(/^ended/m);
    assert.deepEqual(lines, ['before', 'ended 0']);
    assert.deepEqual([tmux.ask('alternate_on'), tmux.ask('cursor_flag')], ['0', '1']);
  });

  it('shows preexisting connections before the first interval has passed', async () => {
    await connect(2);
    using tmux = new Tmux(words('--interval', '10m'));
    await tmux.waitFor(row(4, 0));
  });

  for (const term of ['dumb', ''])
    it(`TERM=${term}: prints snapshots, as in a pipe`, async () => {
      await connect(2);
      using tmux = new Tmux(['env', `TERM=${term}`, ...words()]);
      await tmux.waitFor(row(4, 0));
      assert.equal(tmux.ask('alternate_on'), '0');
      tmux.press('C-c');
      await tmux.waitFor(/ended 0$/m);
    });

  it('keys: remote endpoints, sorting, filter, pause', async () => {
    const {listener} = await connect(1);
    using tmux = new Tmux(words());
    await tmux.waitFor(row(2, 0));
    for (const title of ['PROGRAM', 'CONNECTION', 'REMOTE']) {
      tmux.press('g');
      await tmux.waitFor(new RegExp(`^${title}`, 'm'));
    }
    await tmux.waitFor(new RegExp(`^127\\.0\\.0\\.1:${String(listener.port)} `, 'm'));
    tmux.press('/', 'n', 'o', 'n', 'e');
    await tmux.waitFor(/^filter: none_/m);
    const lines = await tmux.waitFor(/^REMOTE/m);
    assert.equal(lines.length, 3);
    tmux.press('Escape');
    await tmux.waitFor(/^127\.0\.0\.1/m);
    tmux.press('s');
    await tmux.waitFor(/sorted by new/);
    tmux.press('p');
    await tmux.waitFor(/paused/);
    const [before] = tmux.look();
    await connect(1);
    tmux.press(...Array<string>(5).fill('g'));
    assert.equal((await tmux.waitFor(/^PROCESS/m))[0], before);
    tmux.press('p');
    await tmux.waitFor(row(4, 2));
  });

  for (const [columns, lines] of [
    [60, 10],
    [100, 14],
    [160, 20],
  ] as const)
    it(`scrolls and counts rows on ${String(columns)} columns`, async () => {
      const pairs = 20;
      await connect(pairs);
      using tmux = new Tmux(words('--by', 'connection'), columns, lines);
      const page = lines - 4;
      const total = 2 * pairs;
      const rows = (first: number): RegExp =>
        new RegExp(
          `^rows ${String(first)}-${String(first + page - 1)} of ${String(total)}: ${String(first - 1)} more above, ${String(total - first - page + 1)} below$`,
          'm',
        );
      const [, , , first] = await tmux.waitFor(rows(1));
      for (const [key, at] of [
        ['Down', 2],
        ['Up', 1],
        ['NPage', page + 1],
        ['PPage', 1],
        ['End', total - page + 1],
        ['Home', 1],
      ] as const) {
        tmux.press(key);
        await tmux.waitFor(rows(at));
      }
      tmux.press('r');
      await tmux.waitFor(/reversed/);
      tmux.press('End');
      const reversed = await tmux.waitFor(rows(total - page + 1));
      // without the numbers, which may have changed
      const connectionOf = (line = ''): string => line.trim().replace(/ {2}.*/, '');
      assert.match(connectionOf(first), /^\d+ actor \S+ [<>] \S+$/);
      assert.equal(connectionOf(reversed.at(-2)), connectionOf(first));
      for (const line of reversed) assert.ok(line.length <= columns, line);
    });

  it('keys: help and interval', async () => {
    await connect(1);
    using tmux = new Tmux(words('--interval', '10m'));
    await tmux.waitFor(row(2, 0));
    tmux.press('?');
    await tmux.waitFor(
      /^g +next grouping: process, program, connection, remote, lport,\n +user, container, pod$/m,
    );
    tmux.press('x');
    await tmux.waitFor(row(2, 0));
    await connect(1);
    // the next snapshot is due in ten minutes
    tmux.press('-');
    await tmux.waitFor(/every 60s/);
    tmux.press(...Array<string>(6).fill('-'));
    await tmux.waitFor(row(4, 2));
  });

  it('--by lport, user and pod', async () => {
    const {listener} = await connect(2);
    for (const [by, subjects] of [
      ['lport', [String(listener.port), 'outgoing']],
      ['user', ['root']],
      ['pod', ['-']],
    ] as const) {
      using tmux = new Tmux(words('--by', by));
      for (const subject of subjects) await tmux.waitFor(new RegExp(`^${subject} +\\d`, 'm'));
    }
  });

  it('--rows and --count apply on a screen', async () => {
    await connect(2);
    using tmux = new Tmux(words('--by', 'remote', '--rows', '1', '--count', '2'));
    const lines = await tmux.waitFor(/^127\.0\.0\.1/m);
    assert.equal(lines.length, 4);
    await tmux.waitFor(/^ended 0$/m);
  });

  it('counts more than 5,000 events per second and handles keys meanwhile', async () => {
    const connections = 20_000;
    const {fd, port} = await stage.actor.listen('127.0.0.1');
    using tmux = new Tmux(words('--buffer-size', '32M'));
    await tmux.waitFor(/^PROCESS/m);
    const serving = await stage.actor.background('serve', fd, connections);
    const connecting = await stage.actor.background('burst', connections, '127.0.0.1', port, 0, 0);
    tmux.press('g');
    await tmux.waitFor(/^PROGRAM/m);
    tmux.press(...Array<string>(7).fill('g'));
    await Promise.all([connecting.join(), serving.join()]);
    await tmux.waitFor(row(0, 2 * connections));
    tmux.press('q');
    await tmux.waitFor(/^ended 0$/m);
  });

  it('adapts to the size of the terminal', async () => {
    await connect(1);
    using tmux = new Tmux(words());
    await tmux.waitFor(row(2, 0));
    tmux.resize(50, 4);
    const lines = await tmux.waitFor(/^tcptrace top.*…$/m);
    assert.equal(lines.length, 4);
    for (const line of lines) assert.ok(line.length <= 50);
    tmux.resize(80, 24);
    await tmux.waitFor(/^PROCESS +TX\/s +RX\/s +RTT +NEW\/s +OPEN +FAILS +HISTORY$/m);
    tmux.resize(120, 30);
    await tmux.waitFor(/RX HISTORY$/m);
  });

  for (const [what, code] of Object.entries({'ctrl-C': 0, SIGTERM: 0, SIGHUP: 129, SIGQUIT: 131})) {
    it(`${what}: exits with ${String(code)} and restores the terminal`, async () => {
      await connect(1);
      using tmux = new Tmux(words());
      await tmux.waitFor(row(2, 0));
      assert.match(tmux.modes(), / -icanon /);
      if (what === 'ctrl-C') tmux.press('C-c');
      else process.kill(tmux.program(), what);
      const lines = await tmux.waitFor(/^ended/m);
      // the shell may print the name of the signal in between
      assert.deepEqual([lines[0], lines.at(-1)], ['before', `ended ${String(code)}`]);
      assert.deepEqual([tmux.ask('alternate_on'), tmux.ask('cursor_flag')], ['0', '1']);
      assert.match(tmux.modes(), / icanon /);
    });
  }

  for (const command of ['top', 'watch'])
    it(`${command}: terminated by SIGHUP when the terminal is closed`, () => {
      // closes the terminal; tmux would not let the test wait for the program
      const script = `
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('4H', 24, 80, 0, 0))
while b'tcptrace' not in os.read(terminal, 65536): pass
os.close(terminal)
print(os.waitpid(pid, 0)[1])`;
      const words = showing(command, stage.actor.pid)();
      const status = execFileSync('python3', ['-c', script, ...words], {
        encoding: 'utf8',
        timeout: seconds(20),
      });
      assert.equal(status, '1\n');
    });

  it('ctrl-Z and SIGTSTP restore the terminal, fg redraws', async () => {
    await connect(1);
    using tmux = new Tmux(['bash', '--norc', '-i']);
    tmux.press(words().join(' '), 'Enter');
    await tmux.waitFor(row(2, 0));
    for (const stop of [
      () => {
        tmux.press('C-z');
      },
      () => void process.kill(tmux.program(), 'SIGTSTP'),
    ]) {
      stop();
      await tmux.waitFor(/Stopped/);
      assert.deepEqual([tmux.ask('alternate_on'), tmux.ask('cursor_flag')], ['0', '1']);
      tmux.press('clear; fg', 'Enter');
      await tmux.waitFor(row(2, 0));
      assert.deepEqual([tmux.ask('alternate_on'), tmux.ask('cursor_flag')], ['1', '0']);
    }
    tmux.press('q');
    await tmux.waitFor(/[$#] *$/);
  });

  it('escapes names with control sequences', async () => {
    await stage.actor.setComm(Buffer.from('\x1b]2;evil\x07\x1b[H'));
    await connect(1);
    using tmux = new Tmux(words(), 140);
    const title = tmux.ask('pane_title');
    const lines = await tmux.waitFor(/\\x1b\]2;evil\\x07\\x1b\[H/);
    assert.match(lines[0] ?? '', /^tcptrace top /);
    assert.equal(tmux.ask('pane_title'), title);
  });

  it('in a pipe: applies --sort', async () => {
    const port = await freePort(stage.actor, '127.0.0.1');
    const [node = '', ...args] = words('--by', 'remote', '--sort', 'fails', '--count', '1', '--rows', '1');
    await using child = reaped(spawn(node, args));
    const ready = once(child.stderr, 'data');
    const lines: string[] = [];
    onLines(child.stdout, (line) => lines.push(line));
    await ready;
    await connect(3);
    const failing = await stage.actor.socket(4);
    await failing.tryConnect('127.0.0.1', port);
    assert.deepEqual(await once(child, 'close'), [0, null]);
    const rows = lines.filter((line) => line.startsWith('127.0.0.1:'));
    assert.equal(rows.length, 1);
    assert.match(rows[0] ?? '', new RegExp(`^127\\.0\\.0\\.1:${String(port)} `));
  });

  it('in a pipe: prints --count snapshots', async () => {
    const [node = '', ...args] = words('--count', '2', '--interval', '300ms', '--rows', '1');
    await using child = reaped(spawn(node, args));
    const lines: string[] = [];
    onLines(child.stdout, (line) => lines.push(line));
    await connect(2);
    assert.deepEqual(await once(child, 'close'), [0, null]);
    assert.equal(
      lines.filter((line) => /^\d\d:\d\d:\d\d {2}.* \d+ new\/s, 4 open, 0 failed$/.test(line)).length,
      2,
    );
    assert.equal(lines.filter((line) => line.startsWith('PROCESS')).length, 2);
    assert.equal(lines.filter((line) => line.includes(String(stage.actor.pid))).length, 2);
    assert.ok(lines.every((line) => !line.includes('\x1b')));
  });

  // detaching takes about as long as one of these intervals
  for (const interval of ['100ms', '150ms', '200ms', '300ms', '400ms'])
    it(`in a pipe: prints no snapshot after the last one, every ${interval}`, async () => {
      const [node = '', ...args] = words('--count', '1', '--interval', interval);
      await using child = reaped(spawn(node, args));
      const lines: string[] = [];
      onLines(child.stdout, (line) => lines.push(line));
      assert.deepEqual(await once(child, 'close'), [0, null]);
      assert.equal(lines.filter((line) => line.startsWith('PROCESS')).length, 1);
    });
});
