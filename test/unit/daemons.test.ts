/** Queries container daemons over HTTP on UNIX sockets. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import type {ServerResponse} from 'node:http';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createDaemons} from '#dist/enrich/daemons.js';
import {type Answer, answerJson, DockerDaemon} from '../helpers/docker-daemon.js';

const ID = 'd2c0a5e1'.repeat(8);
const NOWHERE = '/nonexistent/docker.sock';
const LONG_MS = 60_000;

const refuse = (unexpected: unknown): never => {
  throw new Error(String(unexpected));
};

/** Queries daemons for one container; returns its names and the notices. */
async function ask(...sockets: readonly string[]) {
  const notices: string[] = [];
  const daemons = createDaemons((notice) => notices.push(notice), {}, sockets);
  await daemons.settle(new Set([ID]), LONG_MS);
  const names = Object.entries(daemons.get(ID) ?? {}).filter(([, name]) => name !== undefined);
  daemons.close();
  return {names: Object.fromEntries(names), notices};
}

describe('container daemons', () => {
  const cases: Record<string, readonly [Answer, names: object, complaint?: string]> = {
    'name without its slash': [
      (response) => {
        answerJson(response, {Id: ID, Name: '/web', Config: {Labels: {}}});
      },
      {container_name: 'web'},
    ],
    'container and pod from Kubernetes labels': [
      (response) => {
        const Labels = {
          'io.kubernetes.container.name': 'app',
          'io.kubernetes.pod.name': 'shop-0',
          'io.kubernetes.pod.namespace': 'prod',
        };
        answerJson(response, {Name: '/k8s_app_shop-0', Config: {Labels}});
      },
      {container_name: 'app', pod: 'shop-0', pod_namespace: 'prod'},
    ],
    'a hostile name, unchanged but truncated': [
      (response) => {
        answerJson(response, {Name: `/\x1b[2J\n${'x'.repeat(1000)}`});
      },
      {container_name: `\x1b[2J\n${'x'.repeat(250)}`},
    ],
    'an unknown container: no names': [
      (response) => {
        answerJson(response, {message: `No such container: ${ID}`}, 404);
      },
      {},
    ],
    'unexpected JSON: no names': [
      (response) => {
        answerJson(response, [{Name: {}}, 7]);
      },
      {},
    ],
    'invalid JSON': [(response) => response.end('{"Name":"/web"'), {}, 'its answer is not JSON'],
    'an error': [
      (response) => {
        answerJson(response, {message: 'out of order'}, 500);
      },
      {},
      'status 500',
    ],
    'an overlong response': [
      (response) => {
        answerJson(response, {Name: '/web', padding: 'x'.repeat(1 << 20)});
      },
      {},
      'its answer is too long',
    ],
    'connection closed': [(response) => response.destroy(), {}, 'it closed the connection'],
    'connection closed within the response': [
      (response) => {
        response.writeHead(200, {'content-length': '100'});
        response.write('{"Name":', () => response.destroy());
      },
      {},
      'it closed the connection',
    ],
    'no response': [() => undefined, {}, 'no answer within 2 s'],
    'unfinished response': [(response) => response.write('{'), {}, 'no answer within 2 s'],
  };
  for (const [name, [answer, names, complaint]] of Object.entries(cases)) {
    it(name, async () => {
      await using daemon = await DockerDaemon.start(answer);
      const notice = `container names: ${daemon.socketPath} does not answer (${complaint ?? ''})`;
      assert.deepEqual(await ask(daemon.socketPath), {
        names,
        notices: complaint === undefined ? [] : [notice],
      });
      assert.deepEqual(daemon.requests, [`GET /containers/${ID}/json`]);
    });
  }

  const named: Answer = (response) => {
    answerJson(response, {Name: '/web'});
  };

  it('queries the second daemon if the first is missing or does not know the container', async () => {
    await using first = await DockerDaemon.start((response) => {
      answerJson(response, {}, 404);
    });
    await using second = await DockerDaemon.start(named);
    for (const socket of [first.socketPath, NOWHERE])
      assert.deepEqual(await ask(socket, second.socketPath), {names: {container_name: 'web'}, notices: []});
  });

  it('reports immediately that no daemon is running', async () => {
    const notice = `container names: not asking a daemon, because these sockets do not exist: ${NOWHERE}, /nonexistent/podman.sock`;
    assert.deepEqual(await ask(NOWHERE, '/nonexistent/podman.sock'), {names: {}, notices: [notice]});
  });

  it('reports a file that is not a socket, and a socket without a listener', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tcptrace-docker-'));
    const file = path.join(folder, 'docker.sock');
    writeFileSync(file, '');
    const {notices} = await ask(file);
    rmSync(folder, {recursive: true});
    assert.deepEqual(notices, [`container names: ${file} does not answer (connection refused)`]);
  });

  it('queries each container once; reports a failed daemon once and skips it', async () => {
    const notices: string[] = [];
    await using daemon = await DockerDaemon.start((response, id) => {
      if (id === ID) named(response, id);
      else response.end('none');
    });
    const daemons = createDaemons((notice) => notices.push(notice), {}, [daemon.socketPath]);
    for (const id of [ID, ID, 'a'.repeat(64), 'b'.repeat(64)]) await daemons.settle(new Set([id]), LONG_MS);
    assert.equal(daemons.get(ID)?.container_name, 'web');
    assert.equal(daemon.requests.length, 2);
    assert.equal(notices.length, 1);
  });

  it('limits concurrent queries', async () => {
    const ids = Array.from({length: 100}, (_, index) => String(index).padStart(64, '0'));
    await using daemon = await DockerDaemon.start((response, id) => {
      answerJson(response, {Name: `/${id}`});
    });
    const daemons = createDaemons(refuse, {}, [daemon.socketPath]);
    await daemons.settle(new Set(ids), LONG_MS);
    assert.deepEqual(
      ids.map((id) => daemons.get(id)?.container_name),
      ids,
    );
  });

  it('does not wait beyond the time limit, nor at exit', async () => {
    const asked: ServerResponse[] = [];
    await using daemon = await DockerDaemon.start((response) => {
      asked.push(response);
    });
    const daemons = createDaemons(refuse, {}, [daemon.socketPath]);
    await daemons.settle(new Set([ID]), 1);
    assert.equal(daemons.get(ID), undefined);
    while (asked.length === 0) await new Promise(setImmediate);
    assert.ok(asked[0]?.closed === false);
    daemons.close();
    await once(asked[0], 'close');
  });

  it('prefers DOCKER_HOST to the default socket', async () => {
    await using usual = await DockerDaemon.start(named);
    await using daemon = await DockerDaemon.start(named);
    const env = {DOCKER_HOST: `unix://${daemon.socketPath}`};
    const daemons = createDaemons(refuse, env, [usual.socketPath]);
    await daemons.settle(new Set([ID]), LONG_MS);
    assert.equal(daemons.get(ID)?.container_name, 'web');
    assert.deepEqual(usual.requests, []);
  });

  it('reports a DOCKER_HOST that is missing or not local', async () => {
    const notices: string[] = [];
    const say = (notice: string): unknown => notices.push(notice);
    const absent = createDaemons(say, {DOCKER_HOST: `unix://${NOWHERE}`}, ['/unused']);
    await absent.settle(new Set([ID]), LONG_MS);
    await using podman = await DockerDaemon.start(named);
    createDaemons(say, {DOCKER_HOST: 'tcp://127.0.0.1:2375'}, ['/unused', podman.socketPath]);
    assert.deepEqual(notices, [
      `container names: ${NOWHERE} does not answer (no such file or directory)`,
      'container names: not asking DOCKER_HOST, because only unix:// is supported',
    ]);
  });
});
