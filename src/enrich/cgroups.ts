/** Which cgroup an id or a process means. */
import {readdirSync, statSync} from 'node:fs';
import {readText} from '../procfs/files.js';

/** Enough for every cgroup of a large machine. */
const MAX_KNOWN = 65_536;

/** Where the unified hierarchy is mounted; undefined where it is not. */
export function findMount(mountinfo = readText('/proc/self/mountinfo') ?? ''): string | undefined {
  const line = mountinfo.split('\n').find((text) => text.includes(' - cgroup2 '));
  // what proc(5) escapes
  return line
    ?.split(' ')[4]
    ?.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

/** Every directory below one, with its inode; those that vanish meanwhile are left out. */
function* walk(directory: string): Generator<readonly [path: string, inode: number]> {
  try {
    yield [directory, statSync(directory).ino];
    for (const entry of readdirSync(directory, {withFileTypes: true}))
      if (entry.isDirectory()) yield* walk(`${directory}/${entry.name}`);
  } catch {
    // removed meanwhile: it is no cgroup any more
  }
}

export interface Cgroups {
  /** Path in the hierarchy, `/` for its root; also of a cgroup that is gone, if it was there when another was looked for. */
  readonly pathOf: (id: number) => string | undefined;
}

/** Looks through the whole hierarchy where an id is not known, once for each. */
export function createCgroups(): Cgroups {
  const known = new Map<number, string | undefined>();

  function scan(): void {
    const mount = findMount();
    if (mount === undefined) return;
    if (known.size >= MAX_KNOWN) known.clear();
    for (const [path, inode] of walk(mount)) known.set(inode, path.slice(mount.length) || '/');
  }

  return {
    pathOf(id) {
      if (known.has(id)) return known.get(id);
      scan();
      if (!known.has(id)) known.set(id, undefined);
      return known.get(id);
    },
  };
}

/** Paths of a process in all hierarchies, the unified one first; none where it is gone. */
export function pathsOfProcess(pid: number, root = '/proc'): readonly string[] {
  const lines = (readText(`${root}/${String(pid)}/cgroup`) ?? '').split('\n').filter((line) => line !== '');
  const paths = lines.map((line) => {
    const [hierarchy, , ...path] = line.split(':');
    return {isUnified: hierarchy === '0', path: path.join(':')};
  });
  return [...paths.filter((it) => it.isUnified), ...paths.filter((it) => !it.isUnified)].map(
    ({path}) => path,
  );
}
