/** Parses names that the system defines: users, namespaces, cgroups, services, hosts. */
import {checkGlob} from '../../../filter/glob.js';
import {existsSync, readlinkSync, type Stats, statSync} from 'node:fs';
import {isIP} from 'node:net';
import {findMount} from '../../../enrich/cgroups.js';
import {parseNetwork, type Network} from '../../../filter/endpoints.js';
import {usageError} from '../../../model/errors.js';
import {quote} from '../../../model/basics/quote.js';
import {readText} from '../../../procfs/files.js';
import {findUser} from '../../../procfs/users.js';
import {invalidValue, parseUid} from './values.js';

/** Returns the user id of a name or number (passwd(5), getent(1)). */
export function parseUser(text: string): number {
  if (/^\d+$/.test(text)) return parseUid(text);
  const user = text === '' ? undefined : findUser(text);
  if (user === undefined) throw usageError(`no such user: ${quote(text)}`);
  return user.uid;
}

/** Returns the fields of each line of a file such as services(5), without comments. */
function linesOf(path: string): readonly (readonly string[])[] {
  const lines = (readText(path) ?? '').split('\n');
  return lines.map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
}

/** Returns the TCP port of a service, by its name or an alias (services(5)). */
export function findService(name: string): number | undefined {
  const found = linesOf('/etc/services').find(
    ([service, port = '', ...aliases]) => port.endsWith('/tcp') && [service, ...aliases].includes(name),
  );
  return found && Number.parseInt(found[1] ?? '', 10);
}

/** Addresses of localhost on every host (RFC 6761). */
const LOCALHOST = ['127.0.0.1', '::1'];

/** Returns the addresses of a host from hosts(5); does not use DNS. */
function findHost(name: string): readonly string[] {
  const found = linesOf('/etc/hosts')
    .filter(([address = '', ...names]) => isIP(address) !== 0 && names.includes(name))
    .map(([address = '']) => address);
  return name === 'localhost' ? [...new Set([...LOCALHOST, ...found])] : found;
}

/** Parses an address, a network such as 10.0.0.0/8, or a name of hosts(5), which may have several addresses. */
export function parseNetworks(text: string): readonly Network[] {
  if (!/^[a-z][\w.-]*$/i.test(text)) return [parseNetwork(text)];
  const addresses = findHost(text);
  if (addresses.length > 0) return addresses.map(parseNetwork);
  throw invalidValue(text, 'use an address, a network such as 10.0.0.0/8, or a name of /etc/hosts');
}

/** A network namespace, and the path by which the user named it. */
export interface NamedNetns {
  readonly inode: number;
  /** Undefined for a number. */
  readonly path: string | undefined;
}

/** Smallest inode number of a namespace, that of an initial one (include/uapi/linux/nsfs.h, 6.18). */
const FIRST_INODE = 0xeffffff0;

/** Returns the path of a network namespace, or the number of an inode, which is larger than any pid. */
function locateNetns(text: string): string | number {
  if (text.includes('/')) return text;
  if (!/^\d+$/.test(text)) return `/run/netns/${text}`;
  const number = Number(text);
  return number >= FIRST_INODE && number < 2 ** 32 ? number : `/proc/${text}/ns/net`;
}

/** @returns undefined if the file does not exist @throws TcptraceError (usage) if it may not be read */
function findFile(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES')
      throw usageError(`not permitted to read ${quote(path)}`, 'run as root, or use the inode number');
    return undefined;
  }
}

/** Returns true if a path is a link of /proc/PID/ns to another type of namespace, such as `pid:[4026531836]`. */
function isOtherNamespace(path: string): boolean {
  try {
    return /^(?!net:)\w+:\[/.test(readlinkSync(path));
  } catch {
    return false;
  }
}

export function parseNetns(text: string): NamedNetns {
  const place = locateNetns(text);
  if (typeof place === 'number') return {inode: place, path: undefined};
  const found = text === '' || isOtherNamespace(place) ? undefined : findFile(place);
  // nsfs contains only namespaces
  if (found?.dev !== statSync('/proc/self/ns/net').dev) {
    const hint = "use a name of 'ip netns', a path, an inode, or the pid of a process in it";
    throw usageError(`no such network namespace: ${quote(text)}`, hint);
  }
  return {inode: found.ino, path: place};
}

/** Returns the mount point of the cgroup v1 hierarchy that a path is in. */
function findV1Mount(path: string, mountinfo = readText('/proc/self/mountinfo') ?? ''): string | undefined {
  const mounts = mountinfo.split('\n').filter((line) => line.includes(' - cgroup '));
  return mounts.map((line) => line.split(' ')[4] ?? '').find((mount) => `${path}/`.startsWith(`${mount}/`));
}

/** Returns the path in the cgroup 2 hierarchy; accepts a path in it or in the file system. */
export function parseCgroup(text: string): string {
  const mount = findMount();
  const path = mount !== undefined && `${text}/`.startsWith(`${mount}/`) ? text.slice(mount.length) : text;
  if (text === '' || (path !== '' && !path.startsWith('/')))
    throw invalidValue(text, 'use a path such as /system.slice/nginx.service');
  const v1 = path === text ? findV1Mount(text) : undefined;
  if (v1 !== undefined)
    throw usageError(
      `${quote(text)} is in a cgroup v1 hierarchy (${v1})`,
      'use a path of the cgroup 2 hierarchy',
    );
  return path.replace(/\/+$/, '');
}

/** Returns true if a cgroup exists, or if cgroup 2 is not mounted. */
export function cgroupExists(path: string): boolean {
  const mount = findMount();
  return mount === undefined || existsSync(mount + path);
}

export function parseContainer(text: string): string {
  if (text === '') throw invalidValue(text, 'use the name of a container, or the beginning of its id');
  return checkGlob(text);
}

export function parsePod(text: string): string {
  if (text === '') throw invalidValue(text, 'use a name; * matches any text, ? any character');
  return text;
}
