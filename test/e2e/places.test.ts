/** Filters by place, where the place is hidden, replaced or of the wrong kind. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {findMount} from '#dist/enrich/cgroups.js';
import {tcptrace} from '../cli/run.js';
import {Container, CONTAINER_ID} from '../helpers/container.js';
import {eventsOf} from '../helpers/expect.js';
import {Netns} from '../helpers/netns.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {skip, suite} from '../helpers/suite.js';
import {TCPTRACE, Tracer, WATCH} from '../helpers/tracer.js';

const EVERY = ['accept', 'close', 'close', 'connect'];

/** Runs a command in a private cgroup namespace that shows only the cgroup of its directory `$0`. */
const ENTER = `echo $$ >"$0/cgroup.procs" &&
exec unshare --cgroup --mount sh -c 'umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && exec "$@"' sh "$@"`;

suite('filters by place', (stage) => {
  it('--container in a private cgroup namespace', async function () {
    const mount = findMount();
    if (mount === undefined) skip(this, 'no unified hierarchy of cgroups');
    using container = new Container(mount);
    const own = `${mount}/tcptrace-test-places-${String(process.pid)}`;
    execFileSync('mkdir', [own]);
    try {
      const command = ['sh', '-c', ENTER, own, ...TCPTRACE];
      const flags = ['--containers', '--container', CONTAINER_ID];
      await using tracer = await Tracer.start(flags, {}, WATCH, command);
      const child = await stage.actor.fork();
      container.put(child.pid);
      const pair = await connectPair(child, '127.0.0.1');
      await closePair(pair);
      await child.exit();
      const {events, stderr} = await tracer.stop();
      const found = eventsOf(events, pair.client, pair.server);
      assert.deepEqual(found.map(({event}) => event).sort(), EVERY, stderr);
      for (const event of found) assert.equal(event.container, CONTAINER_ID);
    } finally {
      execFileSync('rmdir', [own]);
    }
  });

  it('--netns: warns if the name is that of a new namespace', async () => {
    using netns = new Netns();
    await using tracer = await Tracer.start(['--netns', netns.name]);
    const warning = `tcptrace: "${netns.path}" is a new network namespace now, which this trace does not cover; restart tcptrace\n`;
    netns.remake();
    await tracer.waitFor(() => tracer.stderr.includes(warning), 'the warning');
  });

  it('--cgroup: refuses a path of a version 1 hierarchy', function () {
    const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    const point = lines.find((it) => it.includes(' - cgroup '))?.split(' ')[4];
    if (point === undefined) skip(this, 'no version 1 hierarchy of cgroups');
    const {status, stderr} = tcptrace(['watch', '--cgroup', `${point}/web`]);
    const why = `"${point}/web" is in a cgroup v1 hierarchy (${point})`;
    assert.deepEqual([status, stderr.includes(why)], [2, true], stderr);
  });
});
