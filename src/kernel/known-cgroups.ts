/**
 * Paths of cgroups by their kernel ids, also of cgroups that are removed already. The kernel does not reuse an id until
 * it restarts (__kernfs_new_node() of fs/kernfs/dir.c), so there is one table for the whole process.
 */

/** CGROUP_HIERARCHY_SHIFT of bpf/cgroup.h: above it, an id says in which hierarchy it is. */
export const HIERARCHY = 2 ** 50;

/** Most cgroups remembered at the same time; beyond, the oldest is forgotten. */
const MAX_KNOWN = 65_536;

export interface KnownCgroup {
  readonly path: string;
  /** User that made it: the one who chose its name. */
  readonly uid: number;
}

const byId = new Map<number, KnownCgroup>();
/** By hierarchy and path. */
const makers = new Map<string, number>();

function keyOf(id: number, path: string): string {
  return `${String(Math.floor(id / HIERARCHY))}${path}`;
}

function forgetOldest(): void {
  const [oldest] = byId;
  if (oldest === undefined) return;
  const [id, {path}] = oldest;
  byId.delete(id);
  makers.delete(keyOf(id, path));
}

/** @param id as in the kernel's records (bpf/cgroup.h) */
export function rememberCgroup(id: number, cgroup: KnownCgroup): void {
  byId.delete(id);
  byId.set(id, cgroup);
  const key = keyOf(id, cgroup.path);
  makers.delete(key);
  makers.set(key, cgroup.uid);
  if (byId.size > MAX_KNOWN) forgetOldest();
}

export function recallCgroup(id: number): KnownCgroup | undefined {
  return byId.get(id);
}

/**
 * Returns the user that made the cgroup at a path the last time; undefined if that is unknown.
 *
 * @param id any cgroup of the same hierarchy
 */
export function makerOf(id: number, path: string): number | undefined {
  return makers.get(keyOf(id, path));
}
