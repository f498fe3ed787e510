/** Names of users and namespaces -> the numbers that the kernel knows. */
import {existsSync, readlinkSync, type Stats, statSync} from 'node:fs';
import {findMount} from '../../enrich/cgroups.js';
import {usageError} from '../../model/errors.js';
import {findUser} from '../../procfs/users.js';
import {parseUid} from './values.js';

/** @returns the user id of a name of /etc/passwd, or of a number */
export function parseUser(text: string): number {
  if (/^\d+$/.test(text)) return parseUid(text);
  const user = text === '' ? undefined : findUser(text);
  if (user === undefined) throw usageError(`no such user: ${JSON.stringify(text)}`);
  return user.uid;
}

/** No namespace has a smaller one: those of the first ones are fixed (include/uapi/linux/nsfs.h, since 6.18). */
const FIRST_INODE = 0xeffffff0;

/** Where a network namespace is; the number of an inode, which has 32 bits and is no pid's. */
function locateNetns(text: string): string | number {
  if (text.includes('/')) return text;
  if (!/^\d+$/.test(text)) return `/run/netns/${text}`;
  const number = Number(text);
  return number >= FIRST_INODE && number < 2 ** 32 ? number : `/proc/${text}/ns/net`;
}

/** @returns undefined where there is none @throws TcptraceError (usage) where it may not be looked at */
function findFile(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES')
      throw usageError(
        `not permitted to look into ${JSON.stringify(path)}`,
        'run as root, or write its inode',
      );
    return undefined;
  }
}

/** Whether it is a link of /proc/PID/ns to something else, such as `pid:[4026531836]`. */
function isOtherNamespace(path: string): boolean {
  try {
    return /^(?!net:)\w+:\[/.test(readlinkSync(path));
  } catch {
    return false;
  }
}

/** @returns the inode of a network namespace */
export function parseNetns(text: string): number {
  const place = locateNetns(text);
  if (typeof place === 'number') return place;
  const found = text === '' || isOtherNamespace(place) ? undefined : findFile(place);
  // of the same file system as ours, which holds nothing but namespaces
  if (found?.dev !== statSync('/proc/self/ns/net').dev) {
    const hint = 'write a name of ip netns, a path, an inode, or the pid of a process in it';
    throw usageError(`no such network namespace: ${JSON.stringify(text)}`, hint);
  }
  return found.ino;
}

/** @returns the path in the unified hierarchy, of a path in it or in the file system */
export function parseCgroup(text: string): string {
  const mount = findMount();
  const path = mount !== undefined && `${text}/`.startsWith(`${mount}/`) ? text.slice(mount.length) : text;
  if (text === '' || (path !== '' && !path.startsWith('/')))
    throw usageError(
      `not a cgroup: ${JSON.stringify(text)}`,
      'write a path such as /system.slice/nginx.service',
    );
  return path.replace(/\/+$/, '');
}

/** Whether there is such a cgroup now, as far as that can be known. */
export function cgroupExists(path: string): boolean {
  const mount = findMount();
  return mount === undefined || existsSync(mount + path);
}

/** @returns the same; nothing is no container */
export function parseContainer(text: string): string {
  if (text === '') throw usageError('not a container: ""', 'write a name, or how an id begins');
  return text;
}
