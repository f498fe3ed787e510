/** The address that the page is served on. */
import {isIP} from 'node:net';
import {MAX_PORT} from '../../../model/limits.js';
import {invalidValue} from '../../flags/parse/values.js';

export interface ServeAddress {
  readonly address: string;
  /** 0 lets the kernel choose. */
  readonly port: number;
}

/** Without an address, only this machine can connect. */
const LOOPBACK = '127.0.0.1';

/** The value of the flag if it has none. */
export const DEFAULT_ADDRESS = `${LOOPBACK}:0`;

/** Matches the words after the flag that are its value. */
export const LIKE_ADDRESS = /^(?:[^/]*:)?\d+$/;

/** Parses `127.0.0.1:8080`, `[::1]:8080` or `8080`. @throws TcptraceError (usage) if the text is invalid */
export function parseServeAddress(text: string): ServeAddress {
  const [, bracketed, plain = '', digits = ''] = /^(?:(?:\[([^\]]*)\]|([^:]*)):)?(\d{1,5})$/.exec(text) ?? [];
  const address = bracketed ?? (plain === '' ? LOOPBACK : plain);
  const port = Number(digits);
  const isValid = isIP(address) === (bracketed === undefined ? 4 : 6) && port <= MAX_PORT;
  if (digits !== '' && isValid) return {address, port};
  throw invalidValue(text, 'use an address and a port, such as 127.0.0.1:8080, [::1]:8080 or 8080');
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** Returns the address as URLs have it. */
export function formatHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
