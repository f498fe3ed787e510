/** Names of the containers and pods of Podman and CRI-O. */
import {fromLabels} from './labels.js';
import {get, getText, readJson} from './json.js';
import type {Claim, Found, Place, Runtime} from './runtime.js';
import {containerDirectories, directoryByMonitor, storageDirectories} from './storage.js';

const SANDBOX_ID = 'io.kubernetes.cri-o.SandboxID';

function nameIn(list: unknown, id: string): string | undefined {
  const entry: unknown = Array.isArray(list) ? list.find((it) => getText(it, 'id') === id) : undefined;
  return getText(get(entry, 'names'), '0');
}

/** A pod's first container, which holds its namespaces, has the pod's name as its host name. */
function podOf(directory: string, annotations: unknown, id: string): string | undefined {
  const infra = getText(annotations, SANDBOX_ID) ?? id;
  return getText(readJson(`${directory}/${infra}/userdata/config.json`), 'hostname');
}

function findIn(directory: string, {id, podId}: Claim): Found | undefined {
  const [bundle, list] = [`${directory}/${id}/userdata/config.json`, `${directory}/containers.json`];
  const config = readJson(bundle);
  const name = nameIn(readJson(list), id);
  if (config === undefined && name === undefined) return undefined;
  const annotations = get(config, 'annotations');
  const names = fromLabels(annotations);
  return {
    names: {
      ...names,
      container_name: names.container_name ?? name,
      pod: names.pod ?? (podId === undefined ? undefined : podOf(directory, annotations, id)),
    },
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
