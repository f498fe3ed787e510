/** Finds the mount points of the cgroup hierarchies. */
import {readText} from '../procfs/files.js';

/** Decodes the octal escapes of proc_pid_mountinfo(5). */
function unescapePath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

function isOf(controllers: string, type: string, options: string): boolean {
  if (controllers === '') return type === 'cgroup2';
  const present = new Set(options.split(','));
  return type === 'cgroup' && controllers.split(',').every((name) => present.has(name));
}

/**
 * Lists the mount points of one hierarchy.
 *
 * @param controllers of a version 1 hierarchy, as in /proc/PID/cgroup; '' is the unified hierarchy
 */
export function findMounts(
  controllers: string,
  mountinfo = readText('/proc/self/mountinfo') ?? '',
): readonly string[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [mount = '', filesystem = ''] = line.split(' - ');
    const [type = '', , options = ''] = filesystem.split(' ');
    const point = mount.split(' ')[4];
    return point !== undefined && isOf(controllers, type, options) ? [unescapePath(point)] : [];
  });
}
