/** A terminal that does not accept output: stopped by ctrl-S, or not read. */
import assert from 'node:assert/strict';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {closePair, connectPair} from '../helpers/pair.js';
import {suite} from '../helpers/suite.js';
import {showing, Tmux} from '../helpers/tmux.js';
import {until} from '../helpers/until.js';

suite('a stopped terminal', (stage) => {
  let directory: string;
  let readyFile: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'tcptrace-'));
    readyFile = path.join(directory, 'ready');
  });
  afterEach(() => {
    rmSync(directory, {recursive: true});
  });

  const words = (): string[] => showing('watch', stage.actor.pid)('--ready-file', readyFile);

  async function stopAndConnect(tmux: Tmux): Promise<void> {
    await tmux.waitFor(/\(ready\)/);
    tmux.press('C-s');
    for (let i = 0; i < 3; i++) await closePair(await connectPair(stage.actor, '127.0.0.1'));
  }

  const statusOf = (pid: number): string => readFileSync(`/proc/${String(pid)}/status`, 'utf8');

  it('continues without loss', async () => {
    using tmux = new Tmux(words(), 100, 30);
    await stopAndConnect(tmux);
    tmux.press('C-q');
    await tmux.waitFor(/(?:^\S+ close [^$]*){6}/m);
    tmux.press('C-c');
    await tmux.waitFor(/12 events \(3 connect, 3 accept, 6 close\), 0 lost[^$]*^ended 0$/m);
  });

  it('does not delay signals: SIGTERM stops the trace, a second one exits', async () => {
    using tmux = new Tmux(words(), 100, 30);
    await stopAndConnect(tmux);
    const pid = Number(readFileSync(readyFile, 'utf8'));
    process.kill(pid, 'SIGTERM');
    // two pending signals of a kind would merge
    await until(() => /^SigPnd:\s*0+$\n^ShdPnd:\s*0+$/m.test(statusOf(pid)), 'SIGTERM to arrive');
    process.kill(pid, 'SIGTERM');
    await until(() => !existsSync(`/proc/${String(pid)}`), 'tcptrace to exit');
    tmux.press('C-q');
    const lines = await tmux.waitFor(/^ended 143$/m);
    assert.ok(lines.length > 0);
  });

  describe('top without a reader', () => {
    /** Fills what is between a program and its reader, and goes on when something was done. */
    async function whileUnread(tmux: Tmux, run: (pid: number) => Promise<void>): Promise<void> {
      await tmux.waitFor(/PROCESS/m);
      const [reader, pid] = [Number(tmux.ask('pid')), tmux.program()];
      const written = (): number =>
        Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${String(pid)}/io`, 'utf8'))?.[1]);
      process.kill(reader, 'SIGSTOP');
      try {
        // after many frames
        await until(async () => {
          const before = written();
          await setTimeout(200);
          // frames are longer; each look at the connections wakes the reader thread by a write of 8 bytes
          return written() - before < 1000;
        }, 'a pipe that is full');
        await run(pid);
      } finally {
        process.kill(reader, 'SIGCONT');
      }
    }

    /** Its part is done, and it leaves signals to the kernel. */
    async function stop(pid: number): Promise<void> {
      process.kill(pid, 'SIGTERM');
      const leavesIt = /^SigCgt:\s*[\da-f]*[012389ab][\da-f]{3}$/m;
      await until(() => leavesIt.test(statusOf(pid)), 'SIGTERM to be left to the kernel');
    }

    const words = (): string[] => showing('top', stage.actor.pid)('--interval', '10ms');

    it('handles a signal and restores the terminal once it is read', async () => {
      using tmux = new Tmux(words());
      await whileUnread(tmux, stop);
      assert.deepEqual(await tmux.waitFor(/^ended/m), ['before', 'ended 0']);
      assert.equal(tmux.ask('alternate_on'), '0');
    });

    it('exits at a second signal', async () => {
      using tmux = new Tmux(words());
      await whileUnread(tmux, async (pid) => {
        await stop(pid);
        process.kill(pid, 'SIGTERM');
        await until(() => !existsSync(`/proc/${String(pid)}`), 'tcptrace to exit');
      });
      await tmux.waitFor(/^ended 143/m);
    });
  });
});
