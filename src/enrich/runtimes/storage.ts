/** Locates the containers of containers/storage, the library of Podman and CRI-O (containers-storage.conf(5)). */
import {readdirSync} from 'node:fs';
import {readText} from '../../procfs/files.js';
import {readSmallFile} from './json.js';
import type {Place} from './runtime.js';

/** Podman starts one for each container, which is an ancestor of the container's processes. */
const MONITOR = 'conmon';
const MAX_ANCESTORS = 64;

function option(file: string, key: string): string | undefined {
  const text = readSmallFile(file) ?? '';
  return new RegExp(`^\\s*${key}\\s*=\\s*["']([^"']+)["']`, 'm').exec(text)?.[1];
}

function expand(path: string, home: string, uid: number): string {
  return path
    .replaceAll('$HOME', home)
    .replaceAll('$UID', String(uid))
    .replaceAll('$USER', home.split('/').at(-1) ?? '');
}

/** Returns the storage directories of a user, or of root. */
export function storageDirectories({root, home, uid}: Place): readonly string[] {
  const system = [`${root}/etc/containers/storage.conf`, `${root}/usr/share/containers/storage.conf`];
  const found = (files: readonly string[], key: string): readonly string[] =>
    files.flatMap((file) => option(file, key) ?? []);
  if (home === undefined || uid === undefined)
    return [...found(system, 'graphroot'), '/var/lib/containers/storage'].map((path) => root + path);
  const own = found([`${root}${home}/.config/containers/storage.conf`], 'graphroot');
  const shared = found(system, 'rootless_storage_path');
  return [...own, ...shared, `${home}/.local/share/containers/storage`].map(
    (path) => root + expand(path, home, uid),
  );
}

/** Lists the directories of containers in a storage directory, one for each driver: overlay-containers. */
export function containerDirectories(storage: string): readonly string[] {
  try {
    return readdirSync(storage)
      .filter((name) => name.endsWith('-containers'))
      .map((name) => `${storage}/${name}`);
  } catch {
    return [];
  }
}

function parentOf(pid: number): number | undefined {
  const parent = /^PPid:\s*(\d+)$/m.exec(readText(`/proc/${String(pid)}/status`) ?? '')?.[1];
  return parent === undefined || parent === '0' ? undefined : Number(parent);
}

/** Reads the effective user of a process. */
function userOf(pid: number): number | undefined {
  const uid = /^Uid:\s*\d+\s+(\d+)/m.exec(readText(`/proc/${String(pid)}/status`) ?? '')?.[1];
  return uid === undefined ? undefined : Number(uid);
}

/** Returns the value after an option of a command line. */
function valueAfter(words: readonly string[], name: string): string | undefined {
  const index = words.indexOf(name);
  return index < 0 ? undefined : words[index + 1];
}

/**
 * Finds the container's directory by the command line of its monitor, even if Podman runs with another --root.
 *
 * @param pid of a process in the container
 * @param uid of the user who runs the container
 */
export function directoryByMonitor(pid: number, id: string, uid = 0): string | undefined {
  let ancestor: number | undefined = pid;
  for (let steps = 0; ancestor !== undefined && steps < MAX_ANCESTORS; steps += 1) {
    const words = (readText(`/proc/${String(ancestor)}/cmdline`) ?? '').split('\0');
    const isMonitor = words[0]?.split('/').at(-1) === MONITOR && valueAfter(words, '-c') === id;
    if (isMonitor && userOf(ancestor) === uid)
      return valueAfter(words, '-b')?.replace(new RegExp(`/${id}/userdata/?$`), '');
    ancestor = parentOf(ancestor);
  }
  return undefined;
}
