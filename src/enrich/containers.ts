/** Finds the cgroup and the container of a process. */
import type {Names} from '../model/event.js';
import type {Party} from '../filter/match-subject.js';
import {type Cgroup, cgroupsOfProcess, createCgroups} from './cgroups.js';
import {
  type ContainerCgroup,
  cgroupOfContainer,
  findContainers,
  findPodmanPod,
  isRootless,
} from './container-id.js';
import {isContainerdTask} from './runtimes/containerd.js';
import type {ContainerNames} from './runtimes/labels.js';
import {type ContainerNamer, createContainerNames} from './runtimes/names.js';

export type Description = Pick<Names, 'cgroup' | 'container' | 'container_path'> & ContainerNames;

export interface Containers {
  /** Fields that the subject carries already take precedence over those looked up. */
  readonly cgroupOf: (subject: Party) => string | undefined;
  readonly describe: (subject: Party) => Description;
}

/** For recordings: returns recorded fields and looks nothing up, because they may come from another machine. */
export const RECORDED: Containers = {
  cgroupOf: ({cgroup}) => cgroup,
  describe: ({cgroup, container, container_name, pod, pod_namespace}) => ({
    cgroup,
    container,
    container_name,
    pod,
    pod_namespace,
  }),
};

const MAX_KNOWN = 65_536;
/** A description is renewed after this time, because names change. */
const RENEW_MS = 1000;
/** Levels of nested containers that are described. */
const MAX_LEVELS = 8;

const NOTHING: Description = {};

interface Place {
  readonly description: Description;
  /** Path for filters: of a version 1 hierarchy if the process is in the root of the unified one. */
  readonly cgroup: string;
}

interface Known {
  readonly place: Place;
  readonly until: number;
}

function isTask(namespace: string, id: string): boolean {
  return isContainerdTask('', namespace, id);
}

/** Returns false for a cgroup that a user named like a container of root, which does not exist. */
function isGenuine(container: ContainerCgroup, path: string, uid: number, namer: ContainerNamer): boolean {
  if (uid === 0) return true;
  return isRootless(path, container) && !namer.belongsToRoot(container.id);
}

function containerOf(
  {path, creatorOf}: Cgroup,
  pid: number | undefined,
  namer: ContainerNamer,
): Description | undefined {
  const levels = findContainers(path, isTask);
  const [outermost] = levels;
  if (outermost === undefined) return undefined;
  const uid = outermost.uid ?? creatorOf(cgroupOfContainer(path, outermost)) ?? 0;
  if (!isGenuine(outermost, path, uid, namer)) return undefined;
  const {id, name} = outermost;
  const claim = {id, uid: uid === 0 ? undefined : uid, podId: findPodmanPod(path), pid};
  const ids = levels.slice(0, MAX_LEVELS).map((level) => level.id);
  return {
    cgroup: path,
    container: id,
    container_path: ids.length > 1 ? ids.join('/') : undefined,
    ...(name === undefined ? namer.namesOf(claim) : {container_name: name}),
  };
}

/** @param found cgroups of one process, the unified hierarchy first */
function placeOf(
  found: readonly Cgroup[],
  pid: number | undefined,
  namer: ContainerNamer,
): Place | undefined {
  const [first] = found;
  if (first === undefined) return undefined;
  const matched = found.find(({path}) => path !== '/') ?? first;
  for (const cgroup of found) {
    const description = containerOf(cgroup, pid, namer);
    if (description !== undefined) return {description, cgroup: cgroup.path};
  }
  return {description: {cgroup: first.isUnified ? first.path : '/'}, cgroup: matched.path};
}

/**
 * Looks up processes of this machine: by the cgroup id in the kernel's record, or in /proc while the process exists. Caches
 * what it finds for RENEW_MS.
 */
export function createContainers(): Containers {
  const cgroups = createCgroups();
  const namer = createContainerNames();
  const known = new Map<number, Known>();

  function look(id: number | undefined, pid: number | undefined): Place | undefined {
    const cgroup = id === undefined ? 'hidden' : cgroups.find(id);
    if (typeof cgroup !== 'string') return placeOf([cgroup], pid, namer);
    // a removed cgroup has no processes, so this one has moved since
    return cgroup === 'gone' || pid === undefined ? undefined : placeOf(cgroupsOfProcess(pid), pid, namer);
  }

  function find({pid, cgroup_id: id}: Party): Place | undefined {
    if (id === undefined) return look(id, pid);
    const before = known.get(id);
    const now = performance.now();
    if (before !== undefined && now < before.until) return before.place;
    // if the cgroup is removed, its last description remains valid
    const place = look(id, pid) ?? before?.place;
    if (place === undefined) return undefined;
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(id, {place, until: now + RENEW_MS});
    return place;
  }

  return {
    cgroupOf: (subject) => find(subject)?.cgroup,
    describe: (subject) => find(subject)?.description ?? NOTHING,
  };
}
