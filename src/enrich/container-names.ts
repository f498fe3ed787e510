/** What the runtimes' files say of a container. */
import {readdirSync, readFileSync, statSync} from 'node:fs';
import type {Names} from '../model/event.js';

export type ContainerNames = Pick<Names, 'container_name' | 'pod' | 'pod_namespace'>;

const MAX_FILE_BYTES = 16 << 20;
const MAX_KNOWN = 10_000;
/** After that, one that was not found is looked for again. */
const RETRY_MS = 5000;

/** Any JSON; undefined for what is not there, too large, or none. */
function readJson(path: string): unknown {
  try {
    return statSync(path).size > MAX_FILE_BYTES ? undefined : JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Follows own keys; undefined where one is missing. */
function get(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

function getText(value: unknown, ...keys: readonly string[]): string | undefined {
  const text = get(value, ...keys);
  return typeof text === 'string' && text !== '' ? text.slice(0, 256) : undefined;
}

/** The first of several labels that is there. */
function label(labels: unknown, ...keys: readonly string[]): string | undefined {
  return keys.map((key) => getText(labels, key)).find((text) => text !== undefined);
}

function fromLabels(labels: unknown): ContainerNames {
  return {
    container_name: label(
      labels,
      'io.kubernetes.cri.container-name',
      'io.kubernetes.container.name',
      'nerdctl/name',
      'io.podman.annotations.container.name',
    ),
    pod: label(labels, 'io.kubernetes.cri.sandbox-name', 'io.kubernetes.pod.name'),
    pod_namespace: label(labels, 'io.kubernetes.cri.sandbox-namespace', 'io.kubernetes.pod.namespace'),
  };
}

/** As its files have it, and its API (`GET /containers/ID/json`). */
export function namesOfDocker(config: unknown): ContainerNames {
  const names = fromLabels(get(config, 'Config', 'Labels'));
  return {...names, container_name: names.container_name ?? getText(config, 'Name')?.replace(/^\//, '')};
}

/** /var/lib/docker/containers/ID/config.v2.json */
function fromDocker(root: string, id: string): ContainerNames | undefined {
  const config = readJson(`${root}/var/lib/docker/containers/${id}/config.v2.json`);
  return config === undefined ? undefined : namesOfDocker(config);
}

/** Bundles of the OCI runtime specification, whose annotations the runtime has written. */
function fromBundle(file: string): ContainerNames | undefined {
  const config = readJson(file);
  return config === undefined ? undefined : fromLabels(get(config, 'annotations'));
}

/** /run/containerd/io.containerd.runtime.v2.task/NAMESPACE/ID/config.json */
function fromContainerd(root: string, id: string): ContainerNames | undefined {
  const tasks = `${root}/run/containerd/io.containerd.runtime.v2.task`;
  try {
    for (const namespace of readdirSync(tasks)) {
      const names = fromBundle(`${tasks}/${namespace}/${id}/config.json`);
      if (names) return names;
    }
  } catch {
    // no containerd here
  }
  return undefined;
}

/** Of CRI-O and Podman. */
function fromContainersStorage(root: string, id: string): ContainerNames | undefined {
  const storage = `${root}/var/lib/containers/storage/overlay-containers`;
  const names = fromBundle(`${storage}/${id}/userdata/config.json`);
  if (names?.container_name !== undefined) return names;
  const all = readJson(`${storage}/containers.json`);
  const entry: unknown = Array.isArray(all) ? all.find((it) => getText(it, 'id') === id) : undefined;
  const name = getText(get(entry, 'names'), '0');
  return name === undefined ? names : {...names, container_name: name};
}

/** @param root where the files are looked for */
export function createContainerNames(root = ''): (id: string) => ContainerNames {
  const known = new Map<string, {readonly names: ContainerNames; readonly until: number}>();

  return (id) => {
    const found = known.get(id);
    if (found && performance.now() < found.until) return found.names;
    const names = fromDocker(root, id) ?? fromContainerd(root, id) ?? fromContainersStorage(root, id);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(id, {names: names ?? {}, until: names ? Infinity : performance.now() + RETRY_MS});
    return names ?? {};
  };
}
