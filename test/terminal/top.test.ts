/** `tcptrace top` on a real terminal, and in a pipe. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {findDescendants} from '#dist/procfs/descendants.js';
import {onLines} from '../helpers/lines.js';
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

  /** The row of the actor: its name, and what it made, had open, and made in all. */
  const row = (open: number, total: number): RegExp =>
    new RegExp(`^ *${String(stage.actor.pid)} \\S+ +\\d+ +${String(open)} +${String(total)} `, 'm');

  it('shows what is open and what is made, and gives the terminal back', async () => {
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

  it('keys: remote ends, sorting, a filter, a pause', async () => {
    const {listener} = await connect(1);
    using tmux = new Tmux(words());
    await tmux.waitFor(row(2, 0));
    tmux.press('g');
    await tmux.waitFor(/^REMOTE END/m);
    await tmux.waitFor(new RegExp(`^127\\.0\\.0\\.1:${String(listener.port)} `, 'm'));
    tmux.press('/', 'n', 'o', 'n', 'e');
    await tmux.waitFor(/^filter: none_/m);
    const lines = await tmux.waitFor(/^REMOTE END/m);
    assert.equal(lines.length, 3);
    tmux.press('Escape');
    await tmux.waitFor(/^127\.0\.0\.1/m);
    tmux.press('s');
    await tmux.waitFor(/sorted by open/);
    tmux.press('p');
    await tmux.waitFor(/paused/);
    const [before] = tmux.look();
    await connect(1);
    tmux.press('g');
    assert.equal((await tmux.waitFor(/^PROCESS/m))[0], before);
    tmux.press('p');
    await tmux.waitFor(row(4, 2));
  });

  it('follows the size of the terminal', async () => {
    await connect(1);
    using tmux = new Tmux(words());
    await tmux.waitFor(row(2, 0));
    tmux.resize(50, 4);
    const lines = await tmux.waitFor(/^tcptrace top.*…$/m);
    assert.equal(lines.length, 4);
    for (const line of lines) assert.ok(line.length <= 50);
    tmux.resize(120, 30);
    await tmux.waitFor(/HISTORY$/m);
  });

  for (const [what, end] of Object.entries<(tmux: Tmux) => void>({
    'ctrl-C': (tmux) => {
      tmux.press('C-c');
    },
    SIGTERM: (tmux) => {
      const shell = Number(tmux.ask('pane_pid'));
      const [program] = findDescendants([shell]).filter((pid) => pid !== shell);
      assert.ok(program !== undefined);
      process.kill(program, 'SIGTERM');
    },
  })) {
    it(`${what} ends it with 0, and gives the terminal back`, async () => {
      await connect(1);
      using tmux = new Tmux(words());
      await tmux.waitFor(row(2, 0));
      end(tmux);
      assert.deepEqual(await tmux.waitFor(/^ended/m), ['before', 'ended 0']);
      assert.deepEqual([tmux.ask('alternate_on'), tmux.ask('cursor_flag')], ['0', '1']);
    });
  }

  it('names that would move the cursor, or set the title, do not', async () => {
    await stage.actor.setComm(Buffer.from('\x1b]2;evil\x07\x1b[H'));
    await connect(1);
    using tmux = new Tmux(words(), 140);
    const title = tmux.ask('pane_title');
    const lines = await tmux.waitFor(/\\x1b\]2;evil\\x07\\x1b\[H/);
    assert.match(lines[0] ?? '', /^tcptrace top /);
    assert.equal(tmux.ask('pane_title'), title);
  });

  it('in a pipe: sorted by what was asked for', async () => {
    const port = await freePort(stage.actor, '127.0.0.1');
    const [node = '', ...args] = words('--by', 'remote', '--sort', 'fails', '--count', '1', '--rows', '1');
    const child = spawn(node, args);
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

  it('in a pipe: snapshots, as many as were asked for', async () => {
    const [node = '', ...args] = words('--count', '2', '--interval', '300ms', '--rows', '1');
    const child = spawn(node, args);
    const lines: string[] = [];
    onLines(child.stdout, (line) => lines.push(line));
    await connect(2);
    assert.deepEqual(await once(child, 'close'), [0, null]);
    assert.equal(
      lines.filter((line) => /^\d\d:\d\d:\d\d {2}\d+ new\/s, 4 open, 0 failed$/.test(line)).length,
      2,
    );
    assert.equal(lines.filter((line) => line.startsWith('PROCESS')).length, 2);
    assert.equal(lines.filter((line) => line.includes(String(stage.actor.pid))).length, 2);
    assert.ok(lines.every((line) => !line.includes('\x1b')));
  });
});
