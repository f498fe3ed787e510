/** `tcptrace watch` on a real terminal. */
import assert from 'node:assert/strict';
import {closePair, connectPair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import {showing, Tmux} from '../helpers/tmux.js';

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

  it('escapes names with control sequences', async () => {
    await stage.actor.setComm(Buffer.from('\x1b]2;evil\x07\x1b[H'));
    using tmux = new Tmux(words('--count', '2'), 160);
    const title = tmux.ask('pane_title');
    await tmux.waitFor(/\(ready\)/);
    await closePair(await connectPair(stage.actor, '127.0.0.1'));
    const lines = await tmux.waitFor(/^ended 0$/m);
    assert.equal(lines[0], 'before');
    assert.equal(lines.filter((line) => line.includes('\\x1b]2;evil\\x07\\x1b[H')).length, 2);
    assert.equal(tmux.ask('pane_title'), title);
  });
});
