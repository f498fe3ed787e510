/** An HTTP server on a unix socket, which answers as a test wants to `GET /containers/ID/json`. */
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {createServer, type ServerResponse} from 'node:http';
import {tmpdir} from 'node:os';
import path from 'node:path';

/** @param id that is asked for */
export type Answer = (response: ServerResponse, id: string) => void;

export class DockerDaemon implements AsyncDisposable {
  /** What was asked for, line by line. */
  readonly requests: string[] = [];
  readonly socketPath: string;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'tcptrace-docker-'));
  readonly #server;

  private constructor(answer: Answer) {
    this.socketPath = path.join(this.#folder, 'docker.sock');
    this.#server = createServer(({method = '', url = ''}, response) => {
      this.requests.push(`${method} ${url}`);
      answer(response, /^\/containers\/([^/]+)\/json$/.exec(url)?.[1] ?? '');
    });
  }

  static async start(answer: Answer): Promise<DockerDaemon> {
    const daemon = new DockerDaemon(answer);
    daemon.#server.listen(daemon.socketPath);
    await once(daemon.#server, 'listening');
    return daemon;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
    rmSync(this.#folder, {recursive: true});
  }
}

/** As Docker answers. */
export function answerJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(value));
}
