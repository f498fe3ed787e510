/** Serves the live page of a map: the document, and a stream of its changes. It only reads. */
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {formatDocument, type PageDocument} from '../../../format/map/page/document.js';
import {formatAddress, listen, type ListenAddress} from '../../../output/listen.js';
import {checkRequest} from './guard.js';
import {MAX_VIEWERS, type Viewers} from './viewers.js';

const TOKEN_BYTES = 16;

/** Limit of connections, also of those that send no request. */
const MAX_CONNECTIONS = 2 * MAX_VIEWERS;

const COMMON_HEADERS = {
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

export interface PageServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const REFUSALS: Readonly<Record<number, string>> = {
  403: 'this request comes from another site',
  404: 'no such page; open the URL that tcptrace has printed',
  405: 'the page can only be read',
  421: 'open the page by an address or localhost, not by another name',
  503: `there are already ${String(MAX_VIEWERS)} open pages; close one`,
};

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, {
    ...COMMON_HEADERS,
    'Content-Type': 'text/plain',
    ...(status === 405 && {Allow: 'GET'}),
  });
  response.end(`${REFUSALS[status] ?? String(status)}\n`);
}

function sendDocument(response: ServerResponse, {html, policy}: PageDocument): void {
  response.writeHead(200, {
    ...COMMON_HEADERS,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': `${policy}; frame-ancestors 'none'`,
  });
  response.end(html);
}

function sendEvents(response: ServerResponse, viewers: Viewers, onViewer: () => void): void {
  if (!viewers.add(response)) {
    refuse(response, 503);
    return;
  }
  const remove = (): void => {
    viewers.remove(response);
  };
  response.on('close', remove);
  // a page that disconnects while something is written to it
  response.on('error', remove);
  response.writeHead(200, {...COMMON_HEADERS, 'Content-Type': 'text/event-stream'});
  response.flushHeaders();
  onViewer();
}

function createHandler(token: string, viewers: Viewers, onViewer: () => void) {
  const document = formatDocument(undefined);
  return (request: IncomingMessage, response: ServerResponse): void => {
    const path = checkRequest(request, token);
    if (path === '') sendDocument(response, document);
    else if (path === 'events') sendEvents(response, viewers, onViewer);
    else refuse(response, typeof path === 'number' ? path : 404);
  };
}

/**
 * @param onViewer called when a page has connected
 * @throws TcptraceError if the address is not available
 */
export async function openServer(
  address: ListenAddress,
  viewers: Viewers,
  onViewer: () => void,
): Promise<PageServer> {
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  const handle = createHandler(token, viewers, onViewer);
  const server = createServer({requestTimeout: 10_000, headersTimeout: 10_000}, handle);
  server.maxConnections = MAX_CONNECTIONS;
  const place = await listen(server, address, '--serve');
  return {
    url: `http://${formatAddress(place)}/${token}/`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      viewers.close();
      server.closeIdleConnections();
      // a page that does not read would keep the program running
      setTimeout(() => {
        server.closeAllConnections();
      }, 500).unref();
      await closed;
    },
  };
}
