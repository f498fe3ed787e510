/** Filters by endpoint, as data that the kernel can evaluate. */
import {BlockList, isIP} from 'node:net';
import {usageError} from '../model/errors.js';
import {memoize} from '../model/basics/memo.js';
import {quote} from '../model/basics/quote.js';
import {isLinkLocal} from '../model/zone.js';

/** First and last port. */
export type PortRange = readonly [number, number];

/** Addresses that begin with the same bits. */
export interface Network {
  readonly address: string;
  readonly prefixLength: number;
  /** Name or number of the interface; only for networks in fe80::/10. Any interface without it. */
  readonly zone?: string;
}

/** Passes if the endpoint's address is in the network and its port in the range; an absent one matches any. */
export interface EndpointTest {
  readonly endpoint: 'local' | 'remote' | 'either';
  readonly network?: Network;
  readonly ports?: PortRange;
}

/** `include`: one of the tests has to pass; `exclude`: none may pass. */
export interface EndpointPredicate {
  readonly kind: 'include' | 'exclude';
  readonly tests: readonly EndpointTest[];
}

/** Both endpoints of a connection. An absent field is unknown and passes no test. */
export interface Endpoints {
  readonly laddr?: string | undefined;
  readonly lport?: number | undefined;
  readonly raddr?: string | undefined;
  readonly rport?: number | undefined;
  readonly zone?: string | undefined;
  readonly ifindex?: number | undefined;
}

/** Parses a valid IPv6 address to its eight groups. */
function parseGroups(address: string): readonly number[] {
  // the URL parser writes IPv4 at the end as two groups
  const {hostname} = new URL(`http://[${address}]`);
  const [head = [], tail] = hostname
    .slice(1, -1)
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16))));
  if (tail === undefined) return head;
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** Parses a valid address to its 4 or 16 bytes in network order. */
export function parseBytes(address: string): Uint8Array {
  if (!address.includes(':')) return Uint8Array.from(address.split('.'), Number);
  return Uint8Array.from(parseGroups(address).flatMap((group) => [group >> 8, group & 0xff]));
}

/** Converts `::ffff:10.0.0.0/104` to `10.0.0.0/8`, because events show such endpoints as IPv4. */
function unmap(address: string, prefixLength: number): Network {
  const bytes = parseBytes(address);
  const isMapped = bytes.subarray(0, 12).toString() === '0,0,0,0,0,0,0,0,0,0,255,255';
  if (!isMapped || prefixLength < 96) return {address, prefixLength};
  return {address: bytes.subarray(12).join('.'), prefixLength: prefixLength - 96};
}

/** ADDRESS, with a zone before or after the length of the prefix. */
const NETWORK = /^([^%/]+)(?:%([^%/]+))?(?:\/(\d{1,3}))?(?:%([^%/]+))?$/;

/** IFNAMSIZ, without the NUL (include/uapi/linux/if.h). */
const MAX_ZONE_BYTES = 15;

function requireZone(zone: string, {address, prefixLength}: Network): string {
  if (!isLinkLocal(address) || prefixLength < 10)
    throw usageError(`zone ${quote(zone)}: only link-local addresses (fe80::/10) have one`, 'leave it out');
  if (Buffer.byteLength(zone) > MAX_ZONE_BYTES)
    throw usageError(`invalid zone ${quote(zone)}`, 'use the name or number of an interface');
  return zone;
}

/**
 * Parses an address, or a network in CIDR notation; a link-local one may have a zone, such as fe80::1%eth0.
 *
 * @throws TcptraceError (usage)
 */
export function parseNetwork(text: string): Network {
  const [, address = '', before, prefix, after = before] = NETWORK.exec(text) ?? [];
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const prefixLength = prefix === undefined ? bits : Number(prefix);
  if (version === 0 || !(prefixLength <= bits) || (before !== undefined && after !== before)) {
    const hint = 'use an address or network such as 10.0.0.1, 10.0.0.0/8, ::1 or fe80::1%eth0';
    throw usageError(`invalid value ${quote(text)}`, hint);
  }
  const network = version === 6 ? unmap(address, prefixLength) : {address, prefixLength};
  return after === undefined ? network : {...network, zone: requireZone(after, network)};
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

function compileNetwork({address, prefixLength}: Network): (address: string) => boolean {
  const family = familyOf(address);
  const list = new BlockList();
  list.addSubnet(address, prefixLength, family);
  // compare the family, because BlockList treats IPv4 as a part of ::/0
  return memoize((other: string) => familyOf(other) === family && list.check(other, family));
}

type TestEndpoint = (address: string | undefined, port: number | undefined) => boolean;

function compileEndpoint({network, ports}: EndpointTest): TestEndpoint {
  const isInNetwork = network && compileNetwork(network);
  return (address, port) =>
    (!isInNetwork || (address !== undefined && isInNetwork(address))) &&
    (!ports || (port !== undefined && port >= ports[0] && port <= ports[1]));
}

function compileEnds(test: EndpointTest): (endpoints: Endpoints) => boolean {
  const passes = compileEndpoint(test);
  switch (test.endpoint) {
    case 'local':
      return ({laddr, lport}) => passes(laddr, lport);
    case 'remote':
      return ({raddr, rport}) => passes(raddr, rport);
    case 'either':
      return ({laddr, lport, raddr, rport}) => passes(laddr, lport) || passes(raddr, rport);
  }
}

function compileTest(test: EndpointTest): (endpoints: Endpoints) => boolean {
  const passes = compileEnds(test);
  const zone = test.network?.zone;
  if (zone === undefined) return passes;
  return (endpoints) =>
    (endpoints.zone === zone || (endpoints.ifindex !== undefined && String(endpoints.ifindex) === zone)) &&
    passes(endpoints);
}

/** True if a test has a zone, which the kernel does not compare. */
export function hasZone({tests}: EndpointPredicate): boolean {
  return tests.some(({network}) => network?.zone !== undefined);
}

/** Compiles a predicate to a function with the result of bpf/filter.h, which compares no zones. */
export function compileEndpoints({kind, tests}: EndpointPredicate): (endpoints: Endpoints) => boolean {
  const compiled = tests.map(compileTest);
  return (endpoints) => compiled.some((passes) => passes(endpoints)) === (kind === 'include');
}
