import {isIP} from 'node:net';
import {MAX_PORT} from '../../../model/limits.js';
import type {ListenAddress} from '../../../output/listen.js';
import {invalidValue} from './values.js';

/** Without an address, only this machine can connect. */
const LOOPBACK = '127.0.0.1';

/** Parses `8080`, `192.0.2.1:8080`, `[::1]:8080` or `localhost:8080`. @throws TcptraceError (usage) if the text is invalid */
export function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, name = LOOPBACK, digits = ''] =
    /^(?:(?:\[([^\]]*)\]|([^:]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? name;
  const port = Number(digits);
  const isAddress = bracketed === undefined ? isIP(host) === 4 || host === 'localhost' : isIP(host) === 6;
  if (digits !== '' && port <= MAX_PORT && isAddress) return {host, port};
  throw invalidValue(text, 'use a port, or address and port such as 0.0.0.0:8080 or [::1]:8080');
}
