/** Conditions of filters, made of the values of one flag each. */
import {BlockList, isIP} from 'node:net';
import {usageError} from './errors.js';
import type {Candidate, Condition} from './filter.js';
import {memoize} from './memo.js';

/** First and last port. */
export type PortRange = readonly [number, number];

/** A field, or the same of either end. */
type Get<T> = (candidate: Candidate) => readonly (T | undefined)[];

/** Whether one of a candidate's values is one that is wanted; what is unknown is not. */
function someOf<T>(get: Get<T>, isWanted: (value: T) => boolean): Condition {
  return (candidate) => get(candidate).some((value) => value !== undefined && isWanted(value));
}

export function not(condition: Condition): Condition {
  return (candidate) => !condition(candidate);
}

export function hasPort(ranges: readonly PortRange[], get: Get<number>): Condition {
  return someOf(get, (port) => ranges.some(([first, last]) => port >= first && port <= last));
}

export function hasNumber(numbers: readonly number[], get: Get<number>): Condition {
  const wanted = new Set(numbers);
  return someOf(get, (number) => wanted.has(number));
}

/** `*` is any text, `?` any character. */
function toPattern(glob: string): RegExp {
  const pattern = glob
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${pattern}$`, 'su');
}

/** @param globs see {@link toPattern} */
export function hasName(globs: readonly string[], get: Get<string>): Condition {
  const patterns = globs.map(toPattern);
  return someOf(get, (name) => patterns.some((pattern) => pattern.test(name)));
}

function addNetwork(list: BlockList, text: string): void {
  const [address = '', prefix, ...more] = text.split('/');
  const version = isIP(address);
  const type = version === 4 ? 'ipv4' : 'ipv6';
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : NaN;
  if (version === 0 || more.length > 0 || !(length <= bits)) {
    const hint = 'write 10.0.0.1, 10.0.0.0/8, ::1 or fd00::/8';
    throw usageError(`not an address or network: ${JSON.stringify(text)}`, hint);
  }
  list.addSubnet(address, length, type);
}

/**
 * @param networks addresses, or networks in CIDR notation
 * @throws TcptraceError (usage) where one is neither
 */
export function hasAddress(networks: readonly string[], get: Get<string>): Condition {
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network);
  // the same addresses come again and again
  const isListed = memoize((address: string) => list.check(address, address.includes(':') ? 'ipv6' : 'ipv4'));
  return someOf(get, isListed);
}

/** @param paths without a slash at the end; what is below one of them counts, too */
export function hasCgroup(
  paths: readonly string[],
  cgroupOf: (candidate: Candidate) => string | undefined,
): Condition {
  return (candidate) => {
    const cgroup = cgroupOf(candidate);
    return cgroup !== undefined && paths.some((path) => cgroup === path || cgroup.startsWith(`${path}/`));
  };
}

/** @param texts globs of names, or what ids begin with */
export function hasContainer(
  texts: readonly string[],
  describe: (candidate: Candidate) => Pick<Candidate, 'container' | 'container_name'>,
): Condition {
  const patterns = texts.map(toPattern);
  return (candidate) => {
    const {container, container_name} = describe(candidate);
    if (container === undefined) return false;
    const hasPrefix = texts.some((text) => text !== '' && container.startsWith(text));
    return hasPrefix || (container_name !== undefined && patterns.some((it) => it.test(container_name)));
  };
}
