/** Networks that stand for addresses outside of the recorded hosts. */
import {parseBytes} from '../../filter/endpoints.js';
import {memoize} from '../../model/basics/memo.js';
import {invalidValue} from '../flags/parse/values.js';

/** Prefix lengths of networks. */
export interface Aggregation {
  readonly ipv4: number;
  readonly ipv6: number;
}

const DEFAULT_IPV6 = 64;

/** Parses `24`, or `24,56` for IPv4 and IPv6. */
export function parseAggregation(text: string): Aggregation {
  const [, first = '', second] = /^(\d{1,2})(?:,(\d{1,3}))?$/.exec(text) ?? [];
  const [ipv4, ipv6] = [Number(first), second === undefined ? DEFAULT_IPV6 : Number(second)];
  if (first !== '' && ipv4 <= 32 && ipv6 <= 128) return {ipv4, ipv6};
  throw invalidValue(text, 'use prefix lengths, such as 24 for IPv4, or 24,64 for IPv4 and IPv6');
}

function mask(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.map((byte, index) => {
    const bits = Math.min(8, Math.max(0, length - 8 * index));
    return byte & (0xff << (8 - bits));
  });
}

function formatBytes(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({length: 8}, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  // the URL parser shortens the address
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** Returns a function from an address to its network, such as `10.0.3.0/24`. */
export function createNetworkOf({ipv4, ipv6}: Aggregation): (address: string) => string {
  return memoize((address) => {
    const length = address.includes(':') ? ipv6 : ipv4;
    return `${formatBytes(mask(parseBytes(address), length))}/${String(length)}`;
  });
}
