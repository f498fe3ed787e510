/** Finds names of containerd's containers: of Kubernetes (CRI), of nerdctl, and plain ids. */
import {existsSync, readdirSync} from 'node:fs';
import {fromLabels} from './labels.js';
import {get, readJson, readSmallFile} from './json.js';
import type {Place, Runtime} from './runtime.js';

const TASKS = 'io.containerd.runtime.v2.task';

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Returns the state directories: that of config.toml and that of k3s, or that of a rootless containerd. */
function stateDirectories({root, uid}: Place): readonly string[] {
  if (uid !== undefined) return [`${root}/run/user/${String(uid)}/containerd`];
  const config = readSmallFile(`${root}/etc/containerd/config.toml`) ?? '';
  const state = /^state\s*=\s*["']([^"']+)["']/m.exec(config)?.[1] ?? '/run/containerd';
  return [root + state, `${root}/run/k3s/containerd`];
}

/** Finds a nerdctl name, which is the name of a file that contains the id; `nerdctl rename` renames the file. */
function nerdctlName({root, home}: Place, namespace: string, id: string): [string, string] | undefined {
  const store = `${root}${home === undefined ? '/var/lib' : `${home}/.local/share`}/nerdctl`;
  for (const address of list(store)) {
    const directory = `${store}/${address}/names/${namespace}`;
    const name = list(directory).find((it) => readSmallFile(`${directory}/${it}`)?.trim() === id);
    if (name !== undefined) return [name, directory];
  }
  return undefined;
}

/** Returns true if containerd runs a container, which has a bundle directory. */
export function isContainerdTask(root: string, namespace: string, id: string): boolean {
  if (namespace.startsWith('.') || id.startsWith('.')) return false;
  return stateDirectories({root}).some((state) => existsSync(`${state}/${TASKS}/${namespace}/${id}`));
}

export const containerd: Runtime = ({id}, place) => {
  for (const state of stateDirectories(place)) {
    for (const namespace of list(`${state}/${TASKS}`)) {
      const file = `${state}/${TASKS}/${namespace}/${id}/config.json`;
      const config = readJson(file);
      if (config === undefined) continue;
      const names = fromLabels(get(config, 'annotations'));
      const [renamed, directory] = nerdctlName(place, namespace, id) ?? [];
      const isPlain = !/^[\da-f]{64}$/.test(id);
      const container_name = renamed ?? names.container_name ?? (isPlain ? id : undefined);
      return {names: {...names, container_name}, files: directory === undefined ? [file] : [file, directory]};
    }
  }
  return undefined;
};
