/** The address that an HTTP server listens on, and the check of the Host header. */
import {once} from 'node:events';
import type {Server} from 'node:http';
import {type AddressInfo, isIP} from 'node:net';
import {ExitCode, reasonOf, TcptraceError} from '../model/errors.js';

export interface ListenAddress {
  /** An IP address, or localhost. */
  readonly host: string;
  /** 0 lets the kernel choose one. */
  readonly port: number;
}

/** Returns the address as URLs have it. */
export function formatAddress({host, port}: ListenAddress): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${String(port)}`;
}

const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'choose another port',
  EADDRNOTAVAIL: 'use an address of this machine',
  EACCES: 'choose a port above 1023',
};

/**
 * Starts to listen. @returns the address with the port that the kernel chose
 *
 * @param flag that names the address, for the message
 * @throws TcptraceError if the address is not available
 */
export async function listen(server: Server, address: ListenAddress, flag: string): Promise<ListenAddress> {
  server.listen(address.port, address.host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const {code = ''} = cause as NodeJS.ErrnoException;
    const exitCode = code === 'EACCES' ? ExitCode.UNSUPPORTED : ExitCode.FAILURE;
    const message = `${flag}: cannot listen on ${formatAddress(address)}: ${reasonOf(cause)}`;
    throw new TcptraceError(message, exitCode, HINTS[code], {cause});
  }
  const {address: host, port} = server.address() as AddressInfo;
  return {host, port};
}

/**
 * Returns true if the Host header is an address or localhost. Another name may be one of an attacker, whose page has the
 * same origin then (DNS rebinding). The port is not checked, because a tunnel has another one.
 */
export function isOwnHost(header = ''): boolean {
  const name = header.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isIP(name) !== 0;
}
