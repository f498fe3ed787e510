/** What daemons say of containers: real HTTP on unix sockets. */
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

/** Asks those that are there for one container; the names that are known then, and what was said. */
async function ask(...sockets: readonly string[]) {
  const notices: string[] = [];
  const daemons = createDaemons((notice) => notices.push(notice), {}, sockets);
  await daemons.settle(new Set([ID]), LONG_MS);
  const names = Object.entries(daemons.get(ID) ?? {}).filter(([, name]) => name !== undefined);
  daemons.close();
  return {names: Object.fromEntries(names), notices};
}

describe('daemons of containers', () => {
  const cases: Record<string, readonly [Answer, names: object, complaint?: string]> = {
    'the name, without its slash': [
      (response) => {
        answerJson(response, {Id: ID, Name: '/web', Config: {Labels: {}}});
      },
      {container_name: 'web'},
    ],
    'container and pod, as labels of Kubernetes have them': [
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
    'a name that is hostile, as it is, and no longer than names are': [
      (response) => {
        answerJson(response, {Name: `/\x1b[2J\n${'x'.repeat(1000)}`});
      },
      {container_name: `\x1b[2J\n${'x'.repeat(250)}`},
    ],
    'a container that it does not know: nothing': [
      (response) => {
        answerJson(response, {message: `No such container: ${ID}`}, 404);
      },
      {},
    ],
    'JSON of another form: nothing': [
      (response) => {
        answerJson(response, [{Name: {}}, 7]);
      },
      {},
    ],
    'no JSON': [(response) => response.end('{"Name":"/web"'), {}, 'its answer is no JSON'],
    'an error': [
      (response) => {
        answerJson(response, {message: 'out of order'}, 500);
      },
      {},
      'status 500',
    ],
    'an answer that is too long': [
      (response) => {
        answerJson(response, {Name: '/web', padding: 'x'.repeat(1 << 20)});
      },
      {},
      'its answer is too long',
    ],
    'one that hangs up': [(response) => response.destroy(), {}, 'it hangs up'],
    'one that hangs up within its answer': [
      (response) => {
        response.writeHead(200, {'content-length': '100'});
        response.write('{"Name":', () => response.destroy());
      },
      {},
      'it hangs up',
    ],
    'one that does not answer': [() => undefined, {}, 'no answer within 2 s'],
    'one that does not come to an end': [(response) => response.write('{'), {}, 'no answer within 2 s'],
  };
  for (const [name, [answer, names, complaint]] of Object.entries(cases)) {
    it(name, async () => {
      await using daemon = await DockerDaemon.start(answer);
      const notice = `container names: ${daemon.socketPath} is not asked (${complaint ?? ''})`;
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

  it('the second, where the first does not know, or is not there', async () => {
    await using first = await DockerDaemon.start((response) => {
      answerJson(response, {}, 404);
    });
    await using second = await DockerDaemon.start(named);
    for (const socket of [first.socketPath, NOWHERE])
      assert.deepEqual(await ask(socket, second.socketPath), {names: {container_name: 'web'}, notices: []});
  });

  it('where none is there: said at once', async () => {
    const notice = `container names: no daemon is asked, because there is no ${NOWHERE}, and no /nonexistent/podman.sock`;
    assert.deepEqual(await ask(NOWHERE, '/nonexistent/podman.sock'), {names: {}, notices: [notice]});
  });

  it('a file that is no socket, and a socket that nobody listens at', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tcptrace-docker-'));
    const file = path.join(folder, 'docker.sock');
    writeFileSync(file, '');
    const {notices} = await ask(file);
    rmSync(folder, {recursive: true});
    assert.deepEqual(notices, [`container names: ${file} is not asked (connection refused)`]);
  });

  it('an answer is asked for once; who failed is told once, and left alone', async () => {
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

  it('more than can be asked for at a time, one after another', async () => {
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

  it('who is asked still is not waited for beyond the time, nor at the end', async () => {
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

  it('DOCKER_HOST goes before the usual socket of Docker', async () => {
    await using usual = await DockerDaemon.start(named);
    await using daemon = await DockerDaemon.start(named);
    const env = {DOCKER_HOST: `unix://${daemon.socketPath}`};
    const daemons = createDaemons(refuse, env, [usual.socketPath]);
    await daemons.settle(new Set([ID]), LONG_MS);
    assert.equal(daemons.get(ID)?.container_name, 'web');
    assert.deepEqual(usual.requests, []);
  });

  it('DOCKER_HOST that is not there, or is not local: said', async () => {
    const notices: string[] = [];
    const say = (notice: string): unknown => notices.push(notice);
    const absent = createDaemons(say, {DOCKER_HOST: `unix://${NOWHERE}`}, ['/unused']);
    await absent.settle(new Set([ID]), LONG_MS);
    await using podman = await DockerDaemon.start(named);
    createDaemons(say, {DOCKER_HOST: 'tcp://127.0.0.1:2375'}, ['/unused', podman.socketPath]);
    assert.deepEqual(notices, [
      `container names: ${NOWHERE} is not asked (no such file or directory)`,
      'container names: DOCKER_HOST is not asked, because only unix:// is no traffic of our own',
    ]);
  });
});
