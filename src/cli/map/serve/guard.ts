/** Refuses requests that neither the page itself sends, nor a browser in which its URL was opened. */
import {timingSafeEqual} from 'node:crypto';
import type {IncomingHttpHeaders} from 'node:http';
import {isIP} from 'node:net';
import {isLoopback} from './address.js';

export interface Request {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface Guard {
  /** Secret first component of the path. */
  readonly token: string;
  /** Accept requests for loopback addresses only. */
  readonly isLocal: boolean;
}

/** Returns the host of a Host header without port and brackets. */
function nameOf(host: string): string {
  return host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

/**
 * Returns true if the browser was sent here by an address, or by localhost. Another name may be one of an attacker, whose
 * page has the same origin then (DNS rebinding). The port is not checked, because a tunnel has another one.
 */
function isOwnHost(host: string | undefined, isLocal: boolean): boolean {
  const name = nameOf(host ?? '');
  return name === 'localhost' || (isLocal ? isIP(name) !== 0 && isLoopback(name) : isIP(name) !== 0);
}

/** Returns true if no other site has sent the request. */
function isOwnOrigin({origin, host, 'sec-fetch-site': site}: IncomingHttpHeaders): boolean {
  if (origin !== undefined && origin !== `http://${host ?? ''}`) return false;
  return site === undefined || site === 'same-origin' || site === 'none';
}

function isEqual(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Returns the path below the token, such as `events`; or the HTTP status of a refusal. */
export function checkRequest(
  {method, url = '/', headers}: Request,
  {token, isLocal}: Guard,
): string | number {
  if (!isOwnHost(headers.host, isLocal)) return 421;
  if (!isOwnOrigin(headers)) return 403;
  const [, given = '', rest] = /^\/([^/?#]*)\/([^?#]*)$/.exec(url) ?? [];
  if (rest === undefined || !isEqual(given, token)) return 404;
  return method === 'GET' ? rest : 405;
}
