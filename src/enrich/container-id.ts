/** Finds the container that a cgroup belongs to, by the names that runtimes give to cgroups. */
import {basename} from 'node:path';

/** Docker, containerd, CRI-O and Podman use 64 hexadecimal digits, Fargate 32 and a number. */
const ID = /^(?:[^/]*[-:])?([\da-f]{64}|[\da-f]{32}-\d{6,10})(?:\.scope)?$/;

/** Podman and CRI-O run the monitor of a container in a cgroup of its own, next to the container's. */
const MONITOR = /^(?:libpod|crio)-conmon-[\da-f]{64}\.scope$/;

/** Podman's cgroup of a pod, with the cgroup manager cgroupfs; containers are in it. */
const PODMAN_PARENT = 'libpod_parent';
const POD = /^[\da-f]{64}$/;

/** LXC 4 and later, and its predecessors in a cgroup named lxc. */
const LXC = /^lxc\.payload\.(.+)$/;

/** systemd-nspawn, by its unit or by systemd-machined; libvirt names virtual machines so, too. */
const NSPAWN = /^(?:systemd-nspawn@(.+)\.service|machine-(?!qemu|lxc)(.+)\.scope)$/;

/** Cgroup names of rootless runtimes, below the cgroup that systemd delegates to the user. */
const ROOTLESS = /^(?:(?:libpod|libpod-payload|docker|nerdctl)-[\da-f]{64}(?:\.scope)?|lxc\.payload\..+)$/;

/** user@UID.service(5): that user chooses all names below it. */
const DELEGATED = /^user@(\d+)\.service$/;

export interface ContainerCgroup {
  readonly id: string;
  /** A name that is part of the cgroup's own, as LXC and systemd-nspawn have it. */
  readonly name?: string;
  /** User who runs the container; undefined is root. */
  readonly uid?: number;
  /** Parent of the container's cgroup. */
  readonly parent: string;
}

/** Decodes the escapes of systemd-escape(1). */
function unescapeUnit(text: string): string {
  return text.replace(/\\x([\da-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

function nameOf(component: string, before: string | undefined): string | undefined {
  if (before === 'lxc') return component;
  const nspawn = NSPAWN.exec(component);
  return LXC.exec(component)?.[1] ?? (nspawn ? unescapeUnit(nspawn[1] ?? nspawn[2] ?? '') : undefined);
}

function isPod(component: string, before: string | undefined): boolean {
  return before === PODMAN_PARENT && POD.test(component);
}

/** Returns true if containerd runs a container with this id in this namespace. The id may be any text. */
export type IsTask = (namespace: string, id: string) => boolean;

/**
 * Finds all containers of a path such as `/system.slice/docker-ID.scope`, the outermost first. Only the outermost is
 * certain: processes in a container choose the names of cgroups below its own.
 */
export function findContainers(path: string, isTask: IsTask = () => false): readonly ContainerCgroup[] {
  const found: ContainerCgroup[] = [];
  const components = path.split('/');
  let uid: number | undefined;
  for (const [index, component] of components.entries()) {
    const before = components[index - 1];
    if (MONITOR.test(component)) break;
    const parent = components.slice(0, index).join('/') || '/';
    const delegated = DELEGATED.exec(component)?.[1];
    if (delegated !== undefined && found.length === 0) uid = Number(delegated);
    if ((uid !== undefined && !ROOTLESS.test(component)) || isPod(component, before)) continue;
    const id = ID.exec(component)?.[1];
    const name = id === undefined ? nameOf(component, before) : undefined;
    const owner = uid === undefined ? {} : {uid};
    if (id !== undefined) found.push({id, parent, ...owner});
    else if (name !== undefined) found.push({id: name, name, parent, ...owner});
    else if (index === 2 && before !== undefined && isTask(before, component))
      found.push({id: component, parent});
  }
  return found;
}

/** Returns the id of the Podman pod from the cgroup around its containers; undefined without a pod. */
export function findPodmanPod(path: string): string | undefined {
  return (/(?:^|\/)(?:machine|user)-libpod_pod_([\da-f]{64})\.slice\//.exec(path) ??
    /\/libpod_parent\/([\da-f]{64})\//.exec(path))?.[1];
}

/** Returns the path of a container's cgroup; `path` is that cgroup or below it. */
export function cgroupOfContainer(path: string, {parent}: Pick<ContainerCgroup, 'parent'>): string {
  const end = path.indexOf('/', parent === '/' ? 1 : parent.length + 1);
  return end < 0 ? path : path.slice(0, end);
}

/** Returns true if the name of a container's cgroup is of the form that rootless runtimes use. */
export function isRootless(path: string, {id, parent}: ContainerCgroup): boolean {
  const name = basename(cgroupOfContainer(path, {parent}));
  return ROOTLESS.test(name) && name.includes(id);
}
