/** Filters and display flags of `tcptrace top`, with one open connection. */
import assert from 'node:assert/strict';
import {readFileSync, statSync} from 'node:fs';
import {findMount} from '#dist/enrich/cgroups.js';
import Top from '#dist/commands/top.js';
import {PROBE} from '../helpers/machine.js';
import {connectPair} from '../helpers/pair.js';
import {skip, suite} from '../helpers/suite.js';
import {assertRefused, tcptrace} from './run.js';

suite('top: flags', (stage) => {
  const netns = String(statSync('/proc/self/ns/net').ino);
  const cgroup = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';

  /** Number of counted sockets by flags; PORT stands for the server's port. */
  const CASES: Readonly<Record<string, number>> = {
    '--comm act*': 2,
    '--not-comm act*': 0,
    '--uid 0': 2,
    '--user root': 2,
    '--not-user root': 0,
    [`--netns ${netns}`]: 2,
    [`--not-netns ${netns}`]: 0,
    [`--cgroup ${cgroup}`]: 2,
    '--port PORT': 2,
    '--lport PORT': 1,
    '--rport PORT': 1,
    '--not-rport PORT': 1,
    '--addr 127.0.0.0/8': 2,
    '--laddr 127.0.0.1': 2,
    '--raddr 10.0.0.0/8': 0,
    '--ipv4': 2,
    '--ipv6': 0,
    '--no-loopback': 0,
    '--container none': 0,
    '--pod none': 0,
    '--pod-namespace none': 0,
    [`--probe ${PROBE} --buffer-size 64K --max-connections 4096`]: 2,
    '--btf /sys/kernel/btf/vmlinux': 2,
    '--duration 20s': 2,
  };

  for (const [flags, open] of Object.entries(CASES))
    it(flags, async () => {
      const {listener} = await connectPair(stage.actor, '127.0.0.1');
      const words = flags.replace('PORT', String(listener.port)).split(' ');
      const pid = ['--pid', String(stage.actor.pid), '--quiet', '--count', '1', '--interval', '300ms'];
      const {stdout, stderr, status} = tcptrace(['top', ...pid, ...words]);
      assert.deepEqual([stderr, status], ['', 0]);
      assert.match(
        stdout,
        new RegExp(
          `^\\d\\d:\\d\\d:\\d\\d {2}0/s sent, 0/s received, 0 new/s, ${String(open)} open, 0 failed\n`,
        ),
      );
    });

  it('tests every filter flag', () => {
    const used = Object.keys(CASES).flatMap((flags) => flags.match(/(?<=--)[\w-]+/g) ?? []);
    const filters = Object.entries(Top.flags).filter(([, {helpGroup}]) => helpGroup === 'filter');
    const missing = filters.map(([name]) => name).filter((name) => !used.includes(name.replace(/^not-/, '')));
    assert.deepEqual(missing, ['pid', 'not-pid']);
  });

  it('--cgroup with a missing cgroup: a notice in watch and top, an error in list', function () {
    if (findMount() === undefined) skip(this, 'no unified hierarchy of cgroups');
    const notice = /^tcptrace: no such cgroup yet: "\/no-such\/one"$/m;
    for (const command of ['watch', 'top']) {
      const filter = ['--cgroup', '/no-such/one,/', '--duration', '1ms'];
      assert.match(tcptrace([command, ...filter]).stderr, notice);
      assert.doesNotMatch(tcptrace([command, ...filter, '--quiet']).stderr, notice);
    }
    for (const flag of ['--cgroup', '--not-cgroup'])
      assertRefused(
        tcptrace(['list', flag, '/,/no-such/one/']),
        2,
        `${flag}: no such cgroup: "/no-such/one"`,
      );
  });

  it('--duration: prints the counts at the end, even if shorter than the interval', async () => {
    await connectPair(stage.actor, '127.0.0.1');
    const top = ['top', '--quiet', '--duration', '500ms', '--interval', '10m'];
    const {stdout, stderr, status} = tcptrace([...top, '--pid', String(stage.actor.pid)]);
    assert.deepEqual([stderr, status], ['', 0]);
    assert.match(stdout, /^\d\d:\d\d:\d\d {2}0\/s sent, 0\/s received, 0 new\/s, 2 open, 0 failed\n/);
    assert.equal(stdout.match(/new\/s/g)?.length, 1);
    assert.equal(tcptrace([...top, '--port', '1']).stdout, '');
  });

  it('--duration exits; --color colors', () => {
    const {stdout, status} = tcptrace([
      'top',
      '--duration',
      '700ms',
      '--interval',
      '300ms',
      '--color',
      'always',
    ]);
    assert.equal(status, 0);
    assert.match(stdout, /\x1b\[\d+m *PROCESS/);
  });
});
