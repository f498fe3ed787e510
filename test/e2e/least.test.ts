/** An unprivileged user with exactly the capabilities that doctor names. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {Installation} from '../cli/nobody.js';
import {run} from '../cli/run.js';
import {reaped} from '../helpers/child.js';
import {onLines} from '../helpers/lines.js';
import {untilReady} from '../helpers/ready.js';
import {PROBE} from '../helpers/machine.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {skip, suite} from '../helpers/suite.js';
import type {TraceEvent} from '../helpers/tracer.js';

/** Mounts tracefs in a private mount namespace if it is not mounted. */
const WITH_TRACEFS =
  '[ -e /sys/kernel/tracing/events ] || mount -t tracefs -o mode=700 tracefs /sys/kernel/tracing && exec "$@"';

function asNobody(capabilities: readonly string[], ...words: string[]): string[] {
  const list = ['-all', ...capabilities.map((name) => name.toLowerCase().replace('cap_', '+'))].join(',');
  const user = ['--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs'];
  const least = [`--inh-caps=${list}`, `--ambient-caps=${list}`, `--bounding-set=${list}`];
  return ['--mount', 'sh', '-c', WITH_TRACEFS, 'sh', 'setpriv', ...user, ...least, ...words];
}

suite('least privilege', (stage) => {
  let installation: Installation;

  before(() => {
    installation = new Installation();
  });

  after(() => {
    (installation as Installation | undefined)?.[Symbol.dispose]();
  });

  /** Returns doctor's result for the probe with these capabilities. */
  function diagnose(capabilities: readonly string[]): {ok: boolean; detail: string} {
    const words = [installation.node, installation.cli, 'doctor', '--json'];
    const {stdout} = run('unshare', asNobody(capabilities, ...words), {cwd: '/'});
    const {features} = JSON.parse(stdout) as {features: {name: string; ok: boolean; detail: string}[]};
    const feature = features.find(({name}) => name === PROBE);
    assert.ok(feature);
    return feature;
  }

  it('the capabilities that doctor names are sufficient', async function () {
    if (!existsSync('/usr/bin/setpriv')) skip(this, 'no setpriv(1)');
    const capabilities: string[] = [];
    for (let feature = diagnose([]); !feature.ok; feature = diagnose(capabilities)) {
      const named = feature.detail.match(/CAP_\w+/g) ?? [];
      assert.ok(named.length > 0 && !named.some((name) => capabilities.includes(name)), feature.detail);
      capabilities.push(...named);
    }
    const always = ['CAP_BPF', 'CAP_PERFMON', 'CAP_NET_ADMIN', 'CAP_SYS_PTRACE'];
    assert.deepEqual(capabilities.slice(0, 4), always);

    const words = [installation.node, installation.cli, 'watch', '--ndjson', '--probe', PROBE];
    const filter = ['--pid', String(stage.actor.pid), '--count', '4'];
    await using tracer = reaped(spawn('unshare', asNobody(capabilities, ...words, ...filter), {cwd: '/'}));
    const events: TraceEvent[] = [];
    onLines(tracer.stdout, (line) => {
      events.push(JSON.parse(line) as TraceEvent);
    });
    let said = '';
    const end = once(tracer, 'close');
    await untilReady(tracer.stderr, (line) => (said += `${line}\n`));
    const pair = await connectPair(stage.actor, '127.0.0.1');
    await closePair(pair);
    assert.deepEqual(await end, [0, null], said);
    assert.deepEqual(events.map(({event, pid, netns}) => [event, pid, netns]).sort(), [
      ['accept', stage.actor.pid, pair.server.netns],
      ['close', stage.actor.pid, pair.client.netns],
      ['close', stage.actor.pid, pair.server.netns],
      ['connect', stage.actor.pid, pair.client.netns],
    ]);
  });

  it('names the missing capabilities and exits with 3', function () {
    if (!existsSync('/usr/bin/setpriv')) skip(this, 'no setpriv(1)');
    const words = [installation.node, installation.cli, 'watch', '--probe', PROBE];
    const {status, stderr} = run('unshare', asNobody(['CAP_BPF', 'CAP_NET_ADMIN'], ...words), {cwd: '/'});
    assert.equal(
      stderr,
      `tcptrace: cannot trace: ${PROBE}: not permitted: CAP_PERFMON, CAP_SYS_PTRACE missing; run it with sudo, or use --proc, which needs no privileges\n`,
    );
    assert.equal(status, 3);
  });
});
