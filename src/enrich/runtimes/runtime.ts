import type {ContainerNames} from './labels.js';

/** A container to look up. */
export interface Claim {
  readonly id: string;
  /** User who runs it; undefined is root. Only files that this user's runtime writes count. */
  readonly uid?: number | undefined;
  /** Id of the Podman pod that its cgroup is in. */
  readonly podId?: string | undefined;
  /** A process in it. */
  readonly pid?: number | undefined;
}

export interface Found {
  readonly names: ContainerNames;
  /** Files that the names come from: they change when a name does. */
  readonly files: readonly string[];
}

/** Directories of the files of a machine and of a user. */
export interface Place {
  /** Prefix of every path: '' on a real machine. */
  readonly root: string;
  /** Home directory of the user who runs the container; undefined is root's system-wide runtime. */
  readonly home?: string | undefined;
  readonly uid?: number | undefined;
}

/** Finds a container among the files of one runtime; undefined if it has no such container. */
export type Runtime = (claim: Claim, place: Place) => Found | undefined;
