/** Serves a text by HTTP, at /metrics. */
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {isLoopback} from '../model/basics/loopback.js';
import {formatAddress, isOwnHost, listen, type ListenAddress} from './listen.js';

export interface Page {
  readonly type: string;
  readonly text: string;
}

export interface MetricsServer {
  readonly url: string;
  readonly close: () => void;
}

/** Bounds the memory of answers that clients do not read, together with one request for each connection. */
const MAX_CLIENTS = 16;

/** Clients that are slow to send their request, or do not read the answer, are disconnected. */
const TIMEOUT_MS = 10_000;

function reply(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  isLocal: boolean,
  read: () => Promise<Page | undefined>,
): Promise<void> {
  const {method, url = '', headers} = request;
  if (isLocal && !isOwnHost(headers.host)) {
    reply(response, 421, 'use the address or localhost\n');
  } else if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    reply(response, 405, 'use GET\n');
  } else if (url.replace(/\?.*$/, '') !== '/metrics') {
    reply(response, 404, 'metrics are at /metrics\n');
  } else {
    const page = await read();
    if (page === undefined) reply(response, 503, 'the trace has not begun\n');
    else reply(response, 200, page.text, page.type);
  }
}

function createBoundedServer(): Server {
  const server = createServer({
    headersTimeout: TIMEOUT_MS,
    requestTimeout: TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_MS / 2,
  });
  server.timeout = TIMEOUT_MS;
  server.maxConnections = MAX_CLIENTS;
  server.maxRequestsPerSocket = 1;
  return server;
}

/**
 * Starts to listen.
 *
 * @param read returns the page; undefined before the trace
 * @throws TcptraceError if the address cannot be used
 */
export async function serveMetrics(
  address: ListenAddress,
  read: () => Promise<Page | undefined>,
): Promise<MetricsServer> {
  const server = createBoundedServer();
  const place = await listen(server, address, '--metrics');
  const isLocal = isLoopback(place.host);
  server.on('request', (request, response) => {
    answer(request, response, isLocal, read).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  return {
    url: `http://${formatAddress(place)}/metrics`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
