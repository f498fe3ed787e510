/** Finds cgroups of a hierarchy by kernfs id: by file handle, or else by walking through the directories. */
import {closeSync, existsSync, openSync, readdirSync, statSync} from 'node:fs';
import {constants} from 'node:os';
import {loadAddon} from '../kernel/addon.js';
import type {Addon} from '../kernel/binding.js';
import {findMounts} from './cgroup-mounts.js';

/** Inode of the root directory (kernfs_create_root() of fs/kernfs/dir.c). */
const ROOT_INODE = 1;

/** Ending of the path of a removed directory (d_path() of fs/d_path.c). */
const DELETED = ' (deleted)';

const MIN_WALK_INTERVAL_MS = 100;
/** Limit of the share of time that walks take. */
const MAX_WALK_SHARE = 0.1;

/** `gone` is certain: the kernel has no such cgroup anymore. `hidden`: it may exist, but cannot be found. */
export type Lookup = {readonly path: string} | 'gone' | 'hidden';

export interface Hierarchy {
  readonly find: (id: number) => Lookup;
  /** Returns the owner of a cgroup's directory, who names the cgroups in it; undefined if it is removed or hidden. */
  readonly ownerOf: (path: string) => number | undefined;
  /** Finds all cgroups, by walking through the directories. */
  readonly all: () => Iterable<FoundCgroup>;
  /** False if a cgroup namespace hides a part of the hierarchy. */
  readonly isWhole: boolean;
}

/** An open directory. Paths that the kernel reports begin with `prefix`. */
interface Root {
  readonly fd: number;
  readonly prefix: string;
  readonly inode: number;
}

function openMount(mount: string): Root | undefined {
  try {
    return {fd: openSync(mount, 'r'), prefix: mount === '/' ? '' : mount, inode: statSync(mount).ino};
  } catch {
    return undefined;
  }
}

function openDetached(addon: Addon | undefined, controllers: string): Root | undefined {
  const fd = addon?.openCgroups(controllers);
  if (fd === undefined) return undefined;
  const inode = statSync(`/proc/self/fd/${String(fd)}`).ino;
  if (inode === ROOT_INODE) return {fd, prefix: '', inode};
  closeSync(fd);
  return undefined;
}

/** Opens a mount of the whole hierarchy, or else of a part of it. */
function openRoot(addon: Addon | undefined, controllers: string): Root | undefined {
  const mounted = findMounts(controllers).flatMap((mount) => openMount(mount) ?? []);
  const best =
    mounted.find(({inode}) => inode === ROOT_INODE) ?? openDetached(addon, controllers) ?? mounted[0];
  for (const {fd} of mounted) if (fd !== best?.fd) closeSync(fd);
  return best;
}

/** A cgroup that exists. */
export interface FoundCgroup {
  readonly path: string;
  readonly id: number;
  /** User who created it, as far as the owner of its parent directory shows. */
  readonly creator: number;
}

/** Yields all cgroups below a directory; skips those that are removed meanwhile. */
function* walk(base: string, path = '', creator = 0): Generator<FoundCgroup> {
  try {
    const {ino: id, nlink, uid} = statSync(base + path);
    yield {path: path === '' ? '/' : path, id, creator};
    // a directory of kernfs has a link for each directory in it (kernfs_refresh_inode() of fs/kernfs/inode.c)
    if (nlink <= 2) return;
    for (const entry of readdirSync(base + path, {withFileTypes: true}))
      if (entry.isDirectory()) yield* walk(base, `${path}/${entry.name}`, uid);
  } catch {
    // removed meanwhile
  }
}

/** Creates a function that finds a path by walking, but not more often than the limits allow. */
function createWalker(base: string): (id: number) => string | undefined {
  let known = new Map<number, string>();
  let nextWalk = 0;
  return (id) => {
    const begin = performance.now();
    if (!known.has(id) && begin >= nextWalk) {
      known = new Map([...walk(base)].map(({id, path}) => [id, path]));
      const end = performance.now();
      nextWalk = end + Math.max(MIN_WALK_INTERVAL_MS, (end - begin) / MAX_WALK_SHARE);
    }
    return known.get(id);
  };
}

function tryAddon(): Addon | undefined {
  try {
    return loadAddon();
  } catch {
    return undefined;
  }
}

function createHierarchy({fd, prefix, inode}: Root, addon: Addon | undefined): Hierarchy {
  const base = `/proc/self/fd/${String(fd)}`;
  const walker = createWalker(base);
  const isWhole = inode === ROOT_INODE;
  let hasHandles = addon !== undefined;

  function findByWalk(id: number): Lookup {
    const path = walker(id);
    return path === undefined ? 'hidden' : {path};
  }

  return {
    isWhole,
    all: () => walk(base),
    find(id) {
      const found = hasHandles ? addon?.cgroupPath(fd, id) : undefined;
      if (found === constants.errno.ESTALE) return 'gone';
      if (typeof found !== 'string') {
        // CAP_DAC_READ_SEARCH is missing, or a seccomp profile refuses the system call
        hasHandles = false;
        return findByWalk(id);
      }
      if (id === inode) return {path: '/'};
      // removed after it was opened, unless that is its name
      if (found.endsWith(DELETED) && !existsSync(base + found.slice(prefix.length))) return 'gone';
      // the kernel shows no path to a directory outside of the mount
      return found.startsWith(`${prefix}/`) && (isWhole || found !== '/')
        ? {path: found.slice(prefix.length)}
        : 'hidden';
    },
    ownerOf(path) {
      try {
        return statSync(base + path).uid;
      } catch {
        return undefined;
      }
    },
  };
}

/**
 * Opens a hierarchy.
 *
 * @param controllers all controllers of a version 1 hierarchy, as in /proc/PID/cgroup; '' is the unified hierarchy
 * @returns undefined if it is neither mounted nor can be mounted
 */
export function openHierarchy(controllers: string): Hierarchy | undefined {
  const addon = tryAddon();
  const root = openRoot(addon, controllers);
  return root && createHierarchy(root, addon);
}
