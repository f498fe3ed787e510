/** Finds names of containers in the files of their runtimes. Reads a changed file again, to notice a rename. */
import {statSync} from 'node:fs';
import {findLocalUser} from '../../procfs/users.js';
import {containerd} from './containerd.js';
import {docker} from './docker.js';
import type {ContainerNames} from './labels.js';
import {podman} from './podman.js';
import type {Claim, Found, Place, Runtime} from './runtime.js';

const RUNTIMES: readonly Runtime[] = [docker, containerd, podman];

const MAX_KNOWN = 10_000;
/** Time after which a container without names is looked up again. */
const RETRY_MS = 5000;
/** Interval between checks whether the files have changed. */
const CHECK_MS = 1000;

interface Known {
  readonly found: Found | undefined;
  readonly stamp: string;
  readonly until: number;
}

export interface ContainerNamer {
  readonly namesOf: (claim: Claim) => ContainerNames;
  /** Returns true if root's runtimes have a container with this id. */
  readonly belongsToRoot: (id: string) => boolean;
}

function stampOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const {mtimeMs, ino, size} = statSync(file, {throwIfNoEntry: false}) ?? {mtimeMs: 0, ino: 0, size: 0};
      return `${String(mtimeMs)}:${String(ino)}:${String(size)}`;
    })
    .join();
}

/** @param root prefix of all paths, for tests */
export function createContainerNames(root = ''): ContainerNamer {
  const known = new Map<string, Known>();

  function placeOf(uid: number | undefined): Place | undefined {
    if (uid === undefined) return {root};
    const home = findLocalUser(uid)?.home;
    return home === undefined ? undefined : {root, home, uid};
  }

  function find(claim: Claim): Found | undefined {
    const place = placeOf(claim.uid);
    if (place === undefined) return undefined;
    for (const runtime of RUNTIMES) {
      const found = runtime(claim, place);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Looks up a container again; keeps its names if its files no longer exist. */
  function refresh(claim: Claim, before: Known | undefined): Known {
    const now = performance.now();
    if (before?.found !== undefined && stampOf(before.found.files) === before.stamp)
      return {...before, until: now + CHECK_MS};
    const found = find(claim) ?? before?.found;
    const stamp = found === undefined ? '' : stampOf(found.files);
    return {found, stamp, until: now + (found === undefined ? RETRY_MS : CHECK_MS)};
  }

  return {
    namesOf(claim) {
      const key = `${String(claim.uid)}:${claim.id}`;
      const before = known.get(key);
      if (before !== undefined && performance.now() < before.until) return before.found?.names ?? {};
      if (known.size >= MAX_KNOWN) known.clear();
      const after = refresh(claim, before);
      known.set(key, after);
      return after.found?.names ?? {};
    },
    belongsToRoot: (id) => find({id}) !== undefined,
  };
}
