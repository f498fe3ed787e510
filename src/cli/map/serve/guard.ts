/** Refuses requests that neither the page itself sends, nor a browser in which its URL was opened. */
import {timingSafeEqual} from 'node:crypto';
import type {IncomingHttpHeaders} from 'node:http';
import {isOwnHost} from '../../../output/listen.js';

export interface Request {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
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

/**
 * Returns the path below the token, such as `events`; or the HTTP status of a refusal.
 *
 * @param token secret first component of the path
 */
export function checkRequest({method, url = '/', headers}: Request, token: string): string | number {
  if (!isOwnHost(headers.host)) return 421;
  if (!isOwnOrigin(headers)) return 403;
  const [, given = '', rest] = /^\/([^/?#]*)\/([^?#]*)$/.exec(url) ?? [];
  if (rest === undefined || !isEqual(given, token)) return 404;
  return method === 'GET' ? rest : 405;
}
