/** Serves a text by HTTP, at /metrics. */
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {type AddressInfo, isIP} from 'node:net';
import {ExitCode, reasonOf, TcptraceError} from '../model/errors.js';

export interface ListenAddress {
  readonly host: string;
  /** 0 lets the kernel choose one. */
  readonly port: number;
}

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

function formatAddress({host, port}: ListenAddress): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${String(port)}`;
}

function listenError(error: NodeJS.ErrnoException, address: ListenAddress): TcptraceError {
  const hints: Readonly<Record<string, string>> = {
    EADDRINUSE: 'choose another port',
    EADDRNOTAVAIL: 'use an address of this machine',
    EACCES: 'choose a port above 1023',
  };
  const exitCode = error.code === 'EACCES' ? ExitCode.UNSUPPORTED : ExitCode.FAILURE;
  const message = `--metrics: cannot listen on ${formatAddress(address)}: ${reasonOf(error)}`;
  return new TcptraceError(message, exitCode, hints[error.code ?? ''], {cause: error});
}

/** Returns the host of a Host header, without port and brackets. */
function hostOf(header: string): string {
  return header.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
}

/**
 * Refuses names from DNS if only this machine can connect: a web page could otherwise read the metrics through the
 * browser, by a name of its own that it lets point to 127.0.0.1.
 */
function isAllowed({headers: {host = ''}}: IncomingMessage, isLocal: boolean): boolean {
  const name = hostOf(host);
  return !isLocal || name === '' || name === 'localhost' || isIP(name) !== 0;
}

function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.') || host.startsWith('::ffff:127.');
}

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
  const {method, url = ''} = request;
  if (!isAllowed(request, isLocal)) {
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

/** @throws TcptraceError if the address cannot be used */
function listen(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(listenError(error, address));
    });
    server.listen(address.port, address.host, resolve);
  });
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
  await listen(server, address);
  const {address: host, port} = server.address() as AddressInfo;
  const isLocal = isLoopback(host);
  server.on('request', (request, response) => {
    answer(request, response, isLocal, read).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  return {
    url: `http://${formatAddress({host, port})}/metrics`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
