/** Tables of every command on terminals of several sizes. */
import assert from 'node:assert/strict';
import {rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {line, writeRecording} from '../cli/recording.js';
import {connectPair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import {Tmux} from '../helpers/tmux.js';
import {CLI} from '../helpers/tracer.js';

suite('tables on a terminal', (stage) => {
  let directory: string;
  let recording: string;

  before(() => {
    ({directory, file: recording} = writeRecording());
    const long = line('six', 9).replace('2001:db8::7', '2001:db8:1111:2222:3333:4444:5555:6666');
    writeFileSync(path.join(directory, 'long.ndjson'), `${long}\n`);
  });

  after(() => {
    rmSync(directory, {recursive: true});
  });

  /** Returns the lines of the output; the terminal has not wrapped them. */
  async function show(columns: number, ...args: readonly string[]): Promise<readonly string[]> {
    using tmux = new Tmux([process.execPath, CLI, ...args], columns, 60);
    await tmux.waitFor(/^ended \d$/m);
    const lines = tmux.run('capture-pane', '-p', '-J').split('\n');
    return lines.slice(
      1,
      lines.findIndex((it) => it.startsWith('ended')),
    );
  }

  for (const columns of [40, 60, 80, 120, 250]) {
    it(`list fits ${String(columns)} columns`, async () => {
      const {listener} = await connectPair(stage.actor, '127.0.0.1');
      await connectPair(stage.actor, '::1');
      const lines = await show(columns, 'list', '-q', '--pid', String(stage.actor.pid));
      assert.equal(lines.length, 5);
      for (const row of lines) assert.ok(row.length <= columns, row);
      const connected = lines.filter((row) => row.includes(`127.0.0.1:${String(listener.port)}`));
      for (const row of connected) assert.match(row, / actor /);
      assert.ok(connected.length > 0);
      // what all rows have in common gives way first
      const header = lines[0] ?? '';
      if (columns <= 80) assert.doesNotMatch(header, /NETNS/);
      if (columns >= 80) assert.match(header, /LOCAL +REMOTE .*TX +RX/);
    });

    for (const [name, args] of Object.entries({
      doctor: () => ['doctor'],
      compare: () => ['compare', recording, recording],
      '--stats': () => [
        'replay',
        recording,
        path.join(directory, 'long.ndjson'),
        '--output',
        '/dev/null',
        '--stats',
      ],
    }))
      it(`${name} fits ${String(columns)} columns`, async () => {
        const lines = await show(columns, ...args());
        const rows = lines.filter((it) => /^[│┌└]/.test(it));
        assert.ok(rows.length >= 4, lines.join('\n'));
        for (const row of rows) {
          assert.ok(row.length <= columns, row);
          assert.match(row, /[│┐┘]$/);
        }
      });
  }
});
