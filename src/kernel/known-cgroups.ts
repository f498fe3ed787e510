/**
 * Remembers paths of cgroups by kernel id, even after the cgroup is removed. The kernel does not reuse an id until it
 * restarts (__kernfs_new_node() of fs/kernfs/dir.c), so one table serves the whole process.
 */

/** 2 to the power of CGROUP_HIERARCHY_SHIFT of bpf/cgroup.h: the higher bits of an id identify the hierarchy. */
export const HIERARCHY = 2 ** 50;

/** Limit of remembered cgroups; a further one replaces the oldest. */
const MAX_KNOWN = 65_536;

export interface KnownCgroup {
  readonly path: string;
  /** User who created it and so chose its name. */
  readonly uid: number;
}

const byId = new Map<number, KnownCgroup>();
/** Users who created cgroups, by hierarchy and path. */
const creators = new Map<string, number>();

function keyOf(id: number, path: string): string {
  return `${String(Math.floor(id / HIERARCHY))}${path}`;
}

function forgetOldest(): void {
  const [oldest] = byId;
  if (oldest === undefined) return;
  const [id, {path}] = oldest;
  byId.delete(id);
  creators.delete(keyOf(id, path));
}

/** @param id as in the kernel's records (bpf/cgroup.h) */
export function rememberCgroup(id: number, cgroup: KnownCgroup): void {
  byId.delete(id);
  byId.set(id, cgroup);
  const key = keyOf(id, cgroup.path);
  creators.delete(key);
  creators.set(key, cgroup.uid);
  if (byId.size > MAX_KNOWN) forgetOldest();
}

export function recallCgroup(id: number): KnownCgroup | undefined {
  return byId.get(id);
}

/**
 * Returns the uid of the user who last created a cgroup at this path; undefined if unknown.
 *
 * @param id any cgroup of the same hierarchy
 */
export function creatorOf(id: number, path: string): number | undefined {
  return creators.get(keyOf(id, path));
}
