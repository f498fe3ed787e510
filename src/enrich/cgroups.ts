/** Finds the path of a cgroup by its id, and the cgroups of a process. */
import {dirname} from 'node:path';
import {HIERARCHY, creatorOf, recallCgroup, rememberCgroup} from '../kernel/known-cgroups.js';
import {readText} from '../procfs/files.js';
import {findMounts} from './cgroup-mounts.js';
import {type Hierarchy, type Lookup, openHierarchy} from './hierarchy.js';

/** Enough for every cgroup of a large machine. */
const MAX_KNOWN = 65_536;

const ROOT_ID = 1;

/** Creator of a removed cgroup whose creator is unknown: not root, because any user may have created it. */
const NOBODY = 65_534;

/** A controller of each version 1 hierarchy whose ids the kernel reports (bpf/cgroup.h), by its number. */
const LEGACY_CONTROLLERS = [undefined, 'memory', 'pids'] as const;

/** Returns the first mount point of the unified hierarchy. */
export function findMount(mountinfo?: string): string | undefined {
  return findMounts('', mountinfo)[0];
}

interface Membership {
  /** Empty for the unified hierarchy. */
  readonly controllers: string;
  readonly path: string;
}

/** Reads the cgroups of a process, the unified hierarchy first; none if the process has exited. */
function readMemberships(pid: number | 'self', root = '/proc'): readonly Membership[] {
  const lines = (readText(`${root}/${String(pid)}/cgroup`) ?? '').split('\n').filter((line) => line !== '');
  const memberships = lines.map((line) => {
    const [, controllers = '', ...path] = line.split(':');
    return {controllers, path: path.join(':')};
  });
  return memberships.sort((a, b) => Number(a.controllers !== '') - Number(b.controllers !== ''));
}

export interface Cgroup {
  readonly path: string;
  /** False in a version 1 hierarchy: the process is in the root of the unified one. */
  readonly isUnified: boolean;
  /** Returns the user who created, and so named, this cgroup or one above it; undefined if unknown. */
  readonly creatorOf: (path: string) => number | undefined;
}

/** Finds the cgroups of a process in /proc, the unified hierarchy first; none if the process has exited. */
export function cgroupsOfProcess(pid: number, root?: string): readonly Cgroup[] {
  return readMemberships(pid, root).map(({controllers, path}) => ({
    path,
    isUnified: controllers === '',
    creatorOf: () => undefined,
  }));
}

export interface Cgroups {
  /** Finds a cgroup; see Lookup of hierarchy.ts. @param id as in the kernel's records (bpf/cgroup.h) */
  readonly find: (id: number) => Cgroup | 'gone' | 'hidden';
}

/** Returns all controllers of the version 1 hierarchy with this one; undefined if this kernel has none. */
function controllersWith(controller: string): string | undefined {
  return readMemberships('self').find(({controllers}) => controllers.split(',').includes(controller))
    ?.controllers;
}

function openNumbered(number: number): Hierarchy | undefined {
  const controller = LEGACY_CONTROLLERS[number];
  const controllers = controller === undefined ? '' : controllersWith(controller);
  return controllers === undefined ? undefined : openHierarchy(controllers);
}

const hierarchies = new Map<number, Hierarchy | undefined>();

/** Returns a hierarchy, which is opened once and stays open. */
function hierarchyOf(number: number): Hierarchy | undefined {
  if (!hierarchies.has(number)) hierarchies.set(number, openNumbered(number));
  return hierarchies.get(number);
}

/** Remembers all cgroups that exist now: an event of one of them may be read after the cgroup is removed. */
export function rememberCgroups(): void {
  for (const number of LEGACY_CONTROLLERS.keys())
    for (const {id, path, creator} of hierarchyOf(number)?.all() ?? [])
      rememberCgroup(id + number * HIERARCHY, {path, uid: creator});
}

export function createCgroups(): Cgroups {
  const known = new Map<number, Cgroup | 'gone'>();

  /** Looks in the hierarchy. If the cgroup is removed, the kernel may have reported it when it was created. */
  function look(id: number): Cgroup | 'gone' | 'hidden' {
    if (id === ROOT_ID) return {path: '/', isUnified: true, creatorOf: () => 0};
    const hierarchy = hierarchyOf(Math.floor(id / HIERARCHY));
    const ownerAbove = (path: string): number | undefined => hierarchy?.ownerOf(dirname(path));
    const found: Lookup = hierarchy?.find(id % HIERARCHY) ?? 'hidden';
    const isUnified = id < HIERARCHY;
    if (typeof found !== 'string')
      return {path: found.path, isUnified, creatorOf: (path) => ownerAbove(path) ?? creatorOf(id, path)};
    const recalled = recallCgroup(id);
    if (recalled === undefined) return found;
    return {
      path: recalled.path,
      isUnified,
      creatorOf: (path) => creatorOf(id, path) ?? ownerAbove(path) ?? NOBODY,
    };
  }

  return {
    find(id) {
      const before = known.get(id);
      if (before !== undefined) return before;
      const found = look(id);
      if (found === 'hidden') return found;
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(id, found);
      return found;
    },
  };
}

/** Returns false on version 1 hosts, where all processes are in the root of the unified hierarchy. */
function usesUnified(): boolean {
  const memberships = readMemberships('self');
  return (
    memberships.some(({controllers, path}) => controllers === '' && path !== '/') ||
    memberships.every(({controllers, path}) => controllers === '' || path === '/')
  );
}

/** Returns true if a version 1 hierarchy whose ids the kernel reports is hidden in part, or not mounted. */
function hidesLegacy(): boolean {
  return LEGACY_CONTROLLERS.some((controller, number) => {
    const exists = controller !== undefined && controllersWith(controller) !== undefined;
    return exists && hierarchyOf(number)?.isWhole !== true;
  });
}

const REMEDY = 'or add CAP_SYS_ADMIN and CAP_DAC_READ_SEARCH';

function whyHidden(): string | undefined {
  const unified = hierarchyOf(0);
  if (unified !== undefined && !unified.isWhole)
    return 'a private cgroup namespace hides them; run the container with --cgroupns=host';
  if (usesUnified())
    return unified ? undefined : 'no cgroup2 file system is mounted; mount it at /sys/fs/cgroup';
  return hidesLegacy() ? "cgroup v1 hierarchies are hidden; mount the host's /sys/fs/cgroup" : undefined;
}

/** Describes, with a remedy, why some cgroups cannot be found once their processes exit; undefined if all can. */
export function describeHiddenCgroups(): string | undefined {
  const why = whyHidden();
  return why && `the containers of processes that exit soon: ${why}, ${REMEDY}`;
}
