/** The cgroups of containers under test. */
import {readdirSync, readFileSync, rmdirSync} from 'node:fs';
import {findMounts} from '#dist/enrich/cgroup-mounts.js';

/** Parent of the cgroups of systemd-nspawn's units. */
export const NSPAWN_SLICE = 'tcptrace-machines.slice';

/** Cgroups that the runtimes make for their containers. */
const MADE =
  /^(?:libpod_parent|default|k8s\.io|docker|tcptrace-pods|tcptrace-machines\.slice|lxc\.pivot|lxc\.(?:payload|monitor)\.web2?)$/;

/**
 * The cgroup of a process in which it is because of its container.
 *
 * @param id of the container
 */
export function cgroupOf(pid: number, id: string): string {
  const lines = readFileSync(`/proc/${String(pid)}/cgroup`, 'utf8')
    .trim()
    .split('\n');
  const paths = new Set(lines.map((line) => line.replace(/^\d+:[^:]*:/, '')).filter((it) => it.includes(id)));
  const [only, ...others] = paths;
  if (only === undefined || others.length > 0) throw new Error(`cgroups of ${id}: ${lines.join(' ')}`);
  return only;
}

/** Mount points of all hierarchies of this machine. */
function mounts(): readonly string[] {
  const names = readFileSync('/proc/self/cgroup', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(':')[1] ?? '');
  return names.flatMap((controllers) => findMounts(controllers));
}

/** Removes a cgroup and those in it, except those that have processes. */
export function removeEmpty(directory: string): void {
  for (const entry of readdirSync(directory, {withFileTypes: true}))
    if (entry.isDirectory()) removeEmpty(`${directory}/${entry.name}`);
  try {
    rmdirSync(directory);
  } catch (error) {
    const {code = ''} = error as NodeJS.ErrnoException;
    if (!['EBUSY', 'ENOENT', 'ENOTEMPTY'].includes(code)) throw error;
  }
}

/** Removes the cgroups that runtimes leave behind. */
export function removeCgroups(): void {
  for (const mount of mounts())
    for (const name of readdirSync(mount)) if (MADE.test(name)) removeEmpty(`${mount}/${name}`);
}
