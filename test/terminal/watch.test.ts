/** `tcptrace watch` on a real terminal. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {findDescendants} from '#dist/procfs/descendants.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import {showing, Tmux} from '../helpers/tmux.js';
import {CLI} from '../helpers/tracer.js';

suite('watch on a terminal', (stage) => {
  const words = (...args: string[]): string[] => showing('watch', stage.actor.pid)(...args);

  it('fits rows to the width; ctrl-C prints the summary', async () => {
    using tmux = new Tmux(words(), 80);
    await tmux.waitFor(/\(ready\)/);
    await closePair(await connectPair(stage.actor, '127.0.0.1'));
    const lines = await tmux.waitFor(/(^\S+ close .*\n?){2}/m);
    assert.equal(lines.filter((line) => / (connect|accept|close) /.test(line)).length, 4);
    for (const line of lines.filter((it) => it.includes(' close ')))
      assert.match(line, / [\d.]+[mu]?s (?:local|rem)/);
    tmux.press('C-c');
    const end = await tmux.waitFor(/^ended 0$/m);
    assert.match(end.join('\n'), /tcptrace: 4 events \(1 connect, 1 accept, 2 close\), 0 lost, by \w+ in/m);
  });

  /** A pattern of the row of a close for each width: process, arrow, remote endpoint, duration, and more where it fits. */
  const CLOSES: Readonly<Record<number, string>> = {
    60: '^close +actor.PID. +(->|<-) 127.0.0.1:\\d+ +\\S+',
    80: '^\\S+.\\d{3} close +actor.PID. +(->|<-) 127.0.0.1:\\d+ +\\S+s (local|remote)$',
    100: '^\\S+.\\d{3} close +actor.PID. +(->|<-) 127.0.0.1:\\d+ +\\S+s tx=\\d+ rx=\\d+ (local|remote)\\b',
    160: '^\\S+.\\d{6} close +actor.PID. +0 127.0.0.1:\\d+ +(->|<-) 127.0.0.1:\\d+ +\\d+ \\S+s tx=\\d+ rx=\\d+ (local|remote) rtt=',
  };

  for (const [columns, close] of Object.entries(CLOSES))
    it(`shows both sides and what happened in ${columns} columns`, async () => {
      using tmux = new Tmux(words('--event', 'close', '--count', '2'), Number(columns));
      await tmux.waitFor(/\(ready\)/);
      await closePair(await connectPair(stage.actor, '127.0.0.1'));
      const lines = await tmux.waitFor(/^ended 0$/m);
      const pattern = new RegExp(close.replace('PID', String(stage.actor.pid)));
      const rows = lines.filter((line) => line.includes(' 127.0.0.1'));
      assert.equal(rows.length, 2);
      for (const row of rows) assert.match(row, pattern);
      assert.deepEqual(rows.map((row) => /->|<-/.exec(row)?.[0]).sort(), ['->', '<-'].sort());
    });

  it('follows the size of the terminal', async () => {
    using tmux = new Tmux(words('--event', 'close'), 160);
    await tmux.waitFor(/\(ready\)/);
    await closePair(await connectPair(stage.actor, '127.0.0.1'));
    await tmux.waitFor(/^TIME +EVENT +PROCESS +UID +LOCAL +-> REMOTE +INODE DETAIL\n(.* close .*\n?){2}/m);
    tmux.resize(60, 20);
    await tmux.waitFor(/^.{0,60}$/m);
    await closePair(await connectPair(stage.actor, '127.0.0.1'));
    await tmux.waitFor(/^EVENT +PROCESS +-> REMOTE +OUTCOME\n(close .*\n?){2}/m);
  });

  it('-o compact: a sentence for each event', async () => {
    using tmux = new Tmux(words('-o', 'compact'), 120);
    await tmux.waitFor(/\(ready\)/);
    await closePair(await connectPair(stage.actor, '127.0.0.1'));
    const actor = `actor.${String(stage.actor.pid)}.`;
    const end = '127.0.0.1:\\d+';
    const time = '^\\d\\d:\\d\\d:\\d\\d.\\d{3}';
    const all = [
      `${time} ${actor} -> ${end} connected after \\S+ us$`,
      `${time} ${actor} <- ${end} accepted after [\\d.]+ m?s|us$`,
      `${time} ${actor} -> ${end} closed by (actor|the peer) after [\\d.]+ [mu]s, sent 0 B, received 0 B$`,
      `${time} ${actor} <- ${end} closed by (actor|the peer) after [\\d.]+ [mu]s, sent 0 B, received 0 B$`,
    ];
    for (const sentence of all) await tmux.waitFor(new RegExp(sentence, 'm'));
  });

  describe('with a command', () => {
    /** Counts SIGINT; exits a second after the first. */
    const script =
      'let n = 0; process.on("SIGINT", () => { n += 1; if (n === 1) setTimeout(() => { console.log("got", n); process.exit(9); }, 1000); }); console.log("started"); setInterval(() => {}, 1000);';
    const traced = [process.execPath, CLI, 'watch', '--', process.execPath, '-e', script];

    it('ctrl-C reaches the command once', async () => {
      using tmux = new Tmux(traced);
      await tmux.waitFor(/^started$/m);
      tmux.press('C-c');
      await tmux.waitFor(/got 1$[^]*^ended 9$/m);
    });

    it('kill -INT of tcptrace is passed on to the command', async () => {
      using tmux = new Tmux(traced);
      await tmux.waitFor(/^started$/m);
      const [shell, ...pids] = findDescendants([Number(tmux.ask('pane_pid'))]);
      const tracer = pids.find((pid) =>
        readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').includes('watch'),
      );
      assert.ok(shell !== undefined && tracer !== undefined);
      process.kill(tracer, 'SIGINT');
      await tmux.waitFor(/got 1$[^]*^ended 9$/m);
    });
  });

  it('escapes names with control sequences', async () => {
    await stage.actor.setComm(Buffer.from('\x1b]2;evil\x07\x1b[H'));
    using tmux = new Tmux(words('--count', '2'), 240);
    const title = tmux.ask('pane_title');
    await tmux.waitFor(/\(ready\)/);
    await closePair(await connectPair(stage.actor, '127.0.0.1'));
    const lines = await tmux.waitFor(/^ended 0$/m);
    assert.equal(lines[0], 'before');
    assert.equal(lines.filter((line) => line.includes('\\x1b]2;evil\\x07\\x1b[H')).length, 2);
    assert.equal(tmux.ask('pane_title'), title);
  });
});
