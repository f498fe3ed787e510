/** Names that list and top show, and what daemons are asked for: of no kernel's making, so on this one alone. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import type {ServerResponse} from 'node:http';
import {cgroupsOfProcess, findMount} from '#dist/enrich/cgroups.js';
import {readServices} from '#dist/enrich/services.js';
import {Actor} from '../helpers/actor.js';
import {reaped} from '../helpers/child.js';
import {Container, CONTAINER_ID} from '../helpers/container.js';
import {answerJson, DockerDaemon} from '../helpers/docker-daemon.js';
import {Netns} from '../helpers/netns.js';
import {closePair, connectPair} from '../helpers/pair.js';
import {skip, suite} from '../helpers/suite.js';
import {CLI, Tracer, type TraceEvent} from '../helpers/tracer.js';
import {until} from '../helpers/until.js';

/** Runs tcptrace until it exits, while this process can answer its requests. */
async function runAside(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  await using child = reaped(spawn(process.execPath, [CLI, ...args], {env: {...process.env, ...env}}));
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => (stdout += String(data)));
  child.stderr.on('data', (data) => (stderr += String(data)));
  const [status] = (await once(child, 'close')) as [number | null];
  return {status, stdout, stderr};
}

suite('names of list and top, and of daemons', (stage) => {
  it('--container-names: asks the daemon, and does not wait for a slow one', async function () {
    const mount = findMount();
    if (mount === undefined) skip(this, 'no unified hierarchy of cgroups');
    using container = new Container(mount);
    const slow: ServerResponse[] = [];
    await using daemon = await DockerDaemon.start((response) => {
      if (slow.length === 0) slow.push(response);
      else answerJson(response, {Name: '/web'});
    });
    await using inside = await Actor.start();
    container.put(inside.pid);
    const env = {DOCKER_HOST: `unix://${daemon.socketPath}`};
    const watch = async () =>
      Tracer.start(['--container-names', '--pid', String(inside.pid)], env, ['watch', '--ndjson']);

    await using first = await watch();
    await closePair(await connectPair(inside, '127.0.0.1'));
    await first.waitFor(() => first.events.length === 4, 'four events');
    for (const event of first.events)
      assert.deepEqual([event.container, event.container_name], [CONTAINER_ID, undefined]);
    assert.deepEqual([(await first.stop()).code, daemon.requests.length], [0, 1]);

    await using second = await watch();
    // an event waits for 200 ms at most, so on a slow machine only later ones have the name
    await until(async () => {
      await closePair(await connectPair(inside, '127.0.0.1'));
      return second.events.some(({container_name}) => container_name === 'web');
    }, 'a name');
    await second.stop();
    assert.equal(daemon.requests.length, 2);

    await connectPair(inside, '127.0.0.1');
    const list = ['list', '--json', '--container-names', '--pid', String(inside.pid)];
    const {status, stdout, stderr} = await runAside([...list], env);
    assert.deepEqual([status, stderr], [0, '']);
    const names = (JSON.parse(stdout) as TraceEvent[]).map(({container_name}) => container_name);
    assert.deepEqual(names, ['web', 'web']);
  });

  it('list: each requested field, and no other', async () => {
    const pair = await connectPair(stage.actor, '127.0.0.1');
    const list = ['list', '--ndjson', '--all', '--port', String(pair.listener.port)];
    const args = readFileSync(`/proc/${String(stage.actor.pid)}/cmdline`, 'utf8')
      .replaceAll('\0', ' ')
      .trim();
    const cgroup = cgroupsOfProcess(stage.actor.pid)[0]?.path;
    for (const source of [[], ['--proc']]) {
      const plain = await runAside([...list, ...source]);
      const named = await runAside([...list, ...source, '--users', '--args', '--containers']);
      const sockets = (text: string) =>
        text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as object);
      assert.equal(sockets(plain.stdout).length, 3);
      assert.deepEqual(
        sockets(named.stdout),
        sockets(plain.stdout).map((socket) => ({
          ...socket,
          user: 'root',
          args,
          ...(cgroup === undefined ? {} : {cgroup}),
        })),
      );
    }
  });

  it('list: the service of a listener, and of both endpoints of its connections', async () => {
    using netns = new Netns();
    await using inside = await Actor.start();
    await inside.do('netns', netns.path);
    const port = [...readServices().keys()][0] ?? 0;
    const listener = await inside.listen('127.0.0.1', {port});
    const client = await inside.socket(4);
    await client.connect('127.0.0.1', port);
    await listener.accept();
    const {stdout} = await runAside(['list', '--json', '--all', '-r', '--pid', String(inside.pid)]);
    const service = readServices().get(port);
    const services = (JSON.parse(stdout) as TraceEvent[]).map((socket) => socket.service);
    assert.deepEqual(services, [service, service, service]);
  });

  it('top: name columns of processes and remote endpoints', async () => {
    const {listener} = await connectPair(stage.actor, '127.0.0.1');
    const top = ['top', '--count', '1', '--interval', '300ms', '--pid', String(stage.actor.pid)];
    const processes = await runAside([...top, '--users', '--containers', '--args', '--resolve']);
    const args = readFileSync(`/proc/${String(stage.actor.pid)}/cmdline`, 'utf8').split('\0')[0] ?? '';
    assert.match(processes.stdout, /^PROCESS +USER +CONTAINER +TX\/s.* HISTORY +ARGS$/m);
    assert.match(
      processes.stdout,
      new RegExp(`^ *${String(stage.actor.pid)} \\S+ +root +- +0 +0 +0 +\\S+ +0 +2 .* ${args}$`, 'm'),
    );
    const remotes = await runAside([...top, '--by', 'remote', '--resolve', '--users']);
    assert.match(remotes.stdout, /^REMOTE +HOST +SERVICE +TX\/s/m);
    assert.match(
      remotes.stdout,
      new RegExp(`^127\\.0\\.0\\.1:${String(listener.port)} +\\S+ +\\S+ +0 +0 +0 +\\S+ +0 +1 `, 'm'),
    );
  });
});
