/** An HTTP server on a UNIX socket; the test chooses its responses to `GET /containers/ID/json`. */
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {createServer, type ServerResponse} from 'node:http';
import {tmpdir} from 'node:os';
import path from 'node:path';

/** Sends the response for one request. @param id container id in the URL */
export type Answer = (response: ServerResponse, id: string) => void;

export class DockerDaemon implements AsyncDisposable {
  /** Requests so far, as `GET /path`. */
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

/** Sends a JSON response like Docker's. */
export function answerJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(value));
}
