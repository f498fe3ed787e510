/** The HTTP server of metrics: its answers, and what it refuses. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {request} from 'node:http';
import {connect} from 'node:net';
import {text} from 'node:stream/consumers';
import {type MetricsServer, type Page, serveMetrics} from '#dist/output/metrics-server.js';

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

async function ask(url: string, method = 'GET', headers = {}): Promise<Answer> {
  const asked = request(url, {method, headers, agent: false}).end();
  const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
  return {status: response.statusCode, body: await text(response)};
}

describe('server of metrics', () => {
  let page: Page | undefined;
  let server: MetricsServer;
  beforeEach(async () => {
    page = {type: 'text/plain', text: 'a 1\n'};
    server = await serveMetrics({host: '127.0.0.1', port: 0}, () => Promise.resolve(page));
  });
  afterEach(() => {
    server.close();
  });

  it('answers GET and HEAD of /metrics', async () => {
    assert.deepEqual(await ask(server.url), {status: 200, body: 'a 1\n'});
    assert.deepEqual(await ask(`${server.url}?x=y`), {status: 200, body: 'a 1\n'});
    assert.deepEqual(await ask(server.url, 'HEAD'), {status: 200, body: ''});
  });

  it('has nothing else', async () => {
    for (const path of ['', 'metrics/', '..%2fetc/passwd', 'a\u00e9'].map(encodeURI))
      assert.equal((await ask(server.url.replace('metrics', path))).status, 404, path);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      assert.equal((await ask(server.url, method)).status, 405, method);
  });

  it('answers 503 before there are metrics', async () => {
    page = undefined;
    assert.equal((await ask(server.url)).status, 503);
  });

  it('refuses a Host that is neither an address nor localhost', async () => {
    for (const host of [
      'evil.example',
      'evil.example:9469',
      '127.0.0.1.evil.example',
      '[::1].evil.example',
      '"\\x',
    ])
      assert.equal((await ask(server.url, 'GET', {host})).status, 421, host);
    for (const host of ['127.0.0.1', 'localhost:9469', '[::1]:9469', '10.0.0.1:80'])
      assert.equal((await ask(server.url, 'GET', {host})).status, 200, host);
  });

  it('survives what is not HTTP', async () => {
    for (const garbage of [
      '\0\xff\n\n',
      'GET /metrics\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: ${'x'.repeat(100_000)}\r\n\r\n`,
    ]) {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      // the server may reset the connection while this is written
      socket.on('error', () => undefined);
      socket.end(garbage);
      socket.resume();
      await once(socket, 'close');
    }
    assert.equal((await ask(server.url)).status, 200);
  });

  it('answers one request of a connection, so that answers which are not read do not add up', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.end('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(3));
    assert.equal((await text(socket)).split('a 1').length - 1, 1);
  });

  it('says that the address is in use', async () => {
    const {hostname: host, port} = new URL(server.url);
    await assert.rejects(
      serveMetrics({host, port: Number(port)}, () => Promise.resolve(page)),
      {
        message: `--metrics: cannot listen on 127.0.0.1:${port}: address already in use`,
        hint: 'choose another port',
        exitCode: 1,
      },
    );
  });
});
