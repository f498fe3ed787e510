/** What is asked of the ends of a connection: as data, so that the kernel can decide it. */
import {BlockList, isIP} from 'node:net';
import {usageError} from '../model/errors.js';
import {memoize} from '../model/memo.js';
import {quote} from '../model/quote.js';

/** First and last port. */
export type PortRange = readonly [number, number];

/** Addresses that begin with the same bits. */
export interface Network {
  readonly address: string;
  readonly prefixLength: number;
}

/** Holds where an end has an address in the network and a port in the range; one that is not given is any. */
export interface EndpointTest {
  readonly end: 'local' | 'remote' | 'either';
  readonly network?: Network;
  readonly ports?: PortRange;
}

/** One of the tests must hold, or, where that is not wanted, none. */
export interface EndpointPredicate {
  readonly isWanted: boolean;
  readonly tests: readonly EndpointTest[];
}

/** The ends of a connection; absent is unknown, and holds for no test. */
export interface Endpoints {
  readonly laddr?: string | undefined;
  readonly lport?: number | undefined;
  readonly raddr?: string | undefined;
  readonly rport?: number | undefined;
}

/** `::ffff:10.0.0.0/104` is `10.0.0.0/8`, because the ends of such a connection are told as IPv4. */
function unmap(address: string, prefixLength: number): Network {
  const {hostname} = new URL(`http://[${address}]`);
  const [, high, low] = /^\[::ffff:(\w+):(\w+)\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined || prefixLength < 96) return {address, prefixLength};
  const bytes = [high, low].flatMap((group) => [...Buffer.from(group.padStart(4, '0'), 'hex')]);
  return {address: bytes.join('.'), prefixLength: prefixLength - 96};
}

/**
 * Reads an address, or a network in CIDR notation.
 *
 * @throws TcptraceError (usage) where it is neither
 */
export function parseNetwork(text: string): Network {
  const [address = '', prefix, ...more] = text.split('/');
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const prefixLength = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : NaN;
  // a zone is of one machine's interfaces, and no part of an address that is compared
  if (version === 0 || address.includes('%') || more.length > 0 || !(prefixLength <= bits)) {
    const hint = 'use an address or network such as 10.0.0.1, 10.0.0.0/8, ::1 or fd00::/8';
    throw usageError(`invalid value ${quote(text)}`, hint);
  }
  return version === 6 ? unmap(address, prefixLength) : {address, prefixLength};
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

function compileNetwork({address, prefixLength}: Network): (address: string) => boolean {
  const family = familyOf(address);
  const list = new BlockList();
  list.addSubnet(address, prefixLength, family);
  // BlockList takes IPv4 for a part of ::/0; and the same addresses come again and again
  return memoize((other: string) => familyOf(other) === family && list.check(other, family));
}

type TestEnd = (address: string | undefined, port: number | undefined) => boolean;

function compileEnd({network, ports}: EndpointTest): TestEnd {
  const isInNetwork = network && compileNetwork(network);
  return (address, port) =>
    (!isInNetwork || (address !== undefined && isInNetwork(address))) &&
    (!ports || (port !== undefined && port >= ports[0] && port <= ports[1]));
}

function compileTest(test: EndpointTest): (ends: Endpoints) => boolean {
  const isMet = compileEnd(test);
  switch (test.end) {
    case 'local':
      return ({laddr, lport}) => isMet(laddr, lport);
    case 'remote':
      return ({raddr, rport}) => isMet(raddr, rport);
    case 'either':
      return ({laddr, lport, raddr, rport}) => isMet(laddr, lport) || isMet(raddr, rport);
  }
}

/** What bpf/filter.h decides, for where that is not at hand. */
export function compileEnds({isWanted, tests}: EndpointPredicate): (ends: Endpoints) => boolean {
  const compiled = tests.map(compileTest);
  return (ends) => compiled.some((isMet) => isMet(ends)) === isWanted;
}
