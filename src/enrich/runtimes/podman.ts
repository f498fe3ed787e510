/** Finds names of the containers and pods of Podman and CRI-O. */
import {dirname} from 'node:path';
import {fromLabels} from './labels.js';
import {get, getText, readJson} from './json.js';
import {podDatabases, podName} from './podman-pods.js';
import type {Claim, Found, Place, Runtime} from './runtime.js';
import {containerDirectories, directoryByMonitor, storageDirectories} from './storage.js';

const SANDBOX_ID = 'io.kubernetes.cri-o.SandboxID';

function nameIn(list: unknown, id: string): string | undefined {
  const entry: unknown = Array.isArray(list) ? list.find((it) => getText(it, 'id') === id) : undefined;
  return getText(get(entry, 'names'), '0');
}

/** Returns the hostname of a pod's infra container: the pod's name, unless the pod was given a hostname. */
function hostName(directory: string, id: string): string | undefined {
  return getText(readJson(`${directory}/${id}/userdata/config.json`), 'hostname');
}

/**
 * Finds the name of the pod that a container is in.
 *
 * @param sandbox id of the container that holds the pod's namespaces, or of the pod if it has no such container
 */
function podOf(
  directory: string,
  list: unknown,
  sandbox: string,
  podId: string | undefined,
): string | undefined {
  const databases = podDatabases(dirname(directory));
  const ofName = /^([\da-f]{12})-infra$/.exec(nameIn(list, sandbox) ?? '')?.[1];
  const id = podId ?? ofName ?? sandbox;
  if (databases.length === 0) return podId === undefined ? undefined : hostName(directory, sandbox);
  return databases.map((file) => podName(file, id)).find((name) => name !== undefined);
}

function findIn(directory: string, {id, podId}: Claim): Found | undefined {
  const [bundle, list] = [`${directory}/${id}/userdata/config.json`, `${directory}/containers.json`];
  const config = readJson(bundle);
  const containers = readJson(list);
  const name = nameIn(containers, id);
  if (config === undefined && name === undefined) return undefined;
  const annotations = get(config, 'annotations');
  const names = fromLabels(annotations);
  const sandbox = getText(annotations, SANDBOX_ID) ?? (podId === undefined ? undefined : id);
  const pod = sandbox === undefined ? undefined : podOf(directory, containers, sandbox, podId);
  return {
    names: {...names, container_name: names.container_name ?? name, pod: names.pod ?? pod},
    files: [bundle, list],
  };
}

function directoriesOf({id, pid, uid}: Claim, place: Place): readonly string[] {
  const usual = storageDirectories(place).flatMap(containerDirectories);
  const other = pid === undefined ? undefined : directoryByMonitor(pid, id, uid);
  return other === undefined ? usual : [...usual, other];
}

export const podman: Runtime = (claim, place) => {
  for (const directory of directoriesOf(claim, place)) {
    const found = findIn(directory, claim);
    if (found !== undefined) return found;
  }
  return undefined;
};
