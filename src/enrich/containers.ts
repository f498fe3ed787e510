/** Cgroup and container of what happens. */
import type {Names} from '../model/event.js';
import type {MatchSubject} from '../filter/match-subject.js';
import {createCgroups, pathsOfProcess} from './cgroups.js';
import {findContainerId} from './container-id.js';
import {type ContainerNames, createContainerNames} from './container-names.js';

export interface Containers {
  /** What is written in it already goes before what is found out. */
  readonly cgroupOf: (candidate: MatchSubject) => string | undefined;
  readonly describe: (candidate: MatchSubject) => Pick<Names, 'cgroup' | 'container'> & ContainerNames;
}

/** Nothing of a recording is looked up: it may be of another machine, and is of another time. */
export const RECORDED: Containers = {
  cgroupOf: ({cgroup}) => cgroup,
  describe: ({cgroup, container, container_name}) => ({cgroup, container, container_name}),
};

/** Of this machine, now: by the id that the kernel told, or else by /proc while the process is there. */
export function createContainers(): Containers {
  const cgroups = createCgroups();
  const namesOf = createContainerNames();

  function pathsOf({pid, cgroup_id}: MatchSubject): readonly string[] {
    const path = cgroup_id === undefined ? undefined : cgroups.pathOf(cgroup_id);
    // at the root of this hierarchy, it may be elsewhere in those of cgroups(7) version 1
    if (path !== undefined && path !== '/') return [path];
    const paths = pid === undefined ? [] : pathsOfProcess(pid);
    return paths.length === 0 && path !== undefined ? [path] : paths;
  }

  const cgroupOf = (candidate: MatchSubject): string | undefined => pathsOf(candidate)[0];

  return {
    cgroupOf,
    describe(candidate) {
      const paths = pathsOf(candidate);
      const container = paths.map(findContainerId).find((id) => id !== undefined);
      return {cgroup: paths[0], container, ...(container === undefined ? {} : namesOf(container))};
    },
  };
}
