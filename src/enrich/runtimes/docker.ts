/** Finds names of Docker's containers, including those of rootless Docker. */
import {readdirSync} from 'node:fs';
import {fromLabels, type ContainerNames} from './labels.js';
import {get, getText, readJson} from './json.js';
import type {Place, Runtime} from './runtime.js';

/** @param config of config.v2.json, or of `GET /containers/ID/json` */
export function namesOfDocker(config: unknown): ContainerNames {
  const names = fromLabels(get(config, 'Config', 'Labels'));
  return {...names, container_name: names.container_name ?? getText(config, 'Name')?.replace(/^\//, '')};
}

/** Returns the data-root of daemon.json(5), or the default. */
function dataRoot({root, home}: Place): string {
  const [config, usual] =
    home === undefined
      ? [`${root}/etc/docker/daemon.json`, '/var/lib/docker']
      : [`${root}${home}/.config/docker/daemon.json`, `${home}/.local/share/docker`];
  return root + (getText(readJson(config), 'data-root') ?? usual);
}

/** Lists the directories named UID.GID, which have the data with userns-remap. */
function remapped(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => /^\d+\.\d+$/.test(name));
  } catch {
    return [];
  }
}

export const docker: Runtime = ({id}, place) => {
  const base = dataRoot(place);
  for (const directory of [base, ...remapped(base).map((name) => `${base}/${name}`)]) {
    const file = `${directory}/containers/${id}/config.v2.json`;
    const config = readJson(file);
    if (config !== undefined) return {names: namesOfDocker(config), files: [file]};
  }
  return undefined;
};
