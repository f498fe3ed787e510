/** Which container a cgroup is of, by the names that runtimes give. */

/** Docker, containerd, CRI-O and Podman use 64 hexadecimal digits, Fargate 32 and a number. */
const ID = /^(?:.*[-:])?([\da-f]{64}|[\da-f]{32}-\d{6,10})(?:\.scope)?$/;

/** Their monitors have a cgroup of their own, named like that of the container. */
const MONITOR = 'conmon';

/** The innermost container of a path such as `/system.slice/docker-ID.scope`; undefined where there is none. */
export function findContainerId(path: string): string | undefined {
  const names = path.split('/');
  if (names.some((name) => name.includes(MONITOR))) return undefined;
  for (const name of names.reverse()) {
    const id = ID.exec(name)?.[1];
    if (id !== undefined) return id;
  }
  return undefined;
}
