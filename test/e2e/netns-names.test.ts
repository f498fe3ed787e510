/** Names of network namespaces in tables. */
import assert from 'node:assert/strict';
import {run} from '../cli/run.js';
import {PROBE} from '../helpers/machine.js';
import {Netns} from '../helpers/netns.js';
import {connectPair} from '../helpers/pair.js';
import {shell} from '../helpers/shell.js';
import {suite} from '../helpers/suite.js';
import {CLI} from '../helpers/tracer.js';
import {until} from '../helpers/until.js';

suite('the name of a network namespace', (stage) => {
  it('is in the table of list, its inode in exact tables and JSON', async () => {
    using netns = new Netns();
    await stage.actor.do('netns', netns.path);
    const listener = await stage.actor.listen('127.0.0.1');
    const list = (...flags: readonly string[]): string => {
      const args = ['list', '--listening', '--netns', netns.name, ...flags];
      return run(process.execPath, [CLI, ...args]).stdout.trim();
    };
    const table = ['--no-header', '--columns', 'netns,pid'];
    const pid = String(stage.actor.pid);
    assert.equal(list(...table), `${netns.name} ${pid}`);
    assert.match(list(...table, '--exact'), new RegExp(`^ *${String(netns.inode)} +${pid}$`));
    const [socket] = JSON.parse(list('--json')) as {readonly netns: number; readonly inode: number}[];
    assert.deepEqual([socket?.netns, socket?.inode], [netns.inode, listener.inode]);
  });

  it('is in the table of watch, also if it is new', async () => {
    const flags = ['watch', '--probe', PROBE, '--columns', 'event,netns,pid'];
    const filter = ['--pid', String(stage.actor.pid), '--event', 'connect', '--count', '1'];
    let name = '';
    const {stdout, code} = await shell('$TCPTRACE', [...flags, ...filter], async (running) => {
      await running.ready;
      using netns = new Netns();
      name = netns.name;
      await stage.actor.do('netns', netns.path);
      await connectPair(stage.actor, '127.0.0.1');
      await until(() => running.hasExited, 'the exit of tcptrace');
    });
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^connect +${name} +${String(stage.actor.pid)}$`, 'm'));
  });
});
