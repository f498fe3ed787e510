import {compileEnds, type EndCondition} from './end-condition.js';
import type {EventKind, Names, TraceEvent} from './event.js';

/** What is compared: of an event, or of a socket that is there. Absent is unknown. */
export interface Candidate extends Pick<Names, 'cgroup' | 'container' | 'container_name'> {
  readonly pid?: number | undefined;
  readonly uid?: number | undefined;
  readonly comm?: string | undefined;
  /** Who opened what another process closes. */
  readonly owner_pid?: number | undefined;
  readonly owner_comm?: string | undefined;
  readonly family: 4 | 6;
  readonly laddr?: string | undefined;
  readonly lport?: number | undefined;
  readonly raddr?: string | undefined;
  readonly rport?: number | undefined;
  readonly netns?: number | undefined;
  readonly cgroup_id?: number | undefined;
}

/** Whether a candidate is wanted, as far as one flag says. */
export type Condition = (candidate: Candidate) => boolean;

/** Which connections are wanted: all of this must hold. Values in one list are alternatives; an empty list is no condition. */
export interface SocketFilter {
  readonly pids: readonly number[];
  readonly families: readonly (4 | 6)[];
  readonly uids: readonly number[];
  /** Inodes. */
  readonly netns: readonly number[];
  /** What all must hold of the two ends. */
  readonly ends: readonly EndCondition[];
  /** What is not decided in the kernel: about whose a connection is, and where. */
  readonly ownerConditions: readonly Condition[];
}

export const NO_FILTER: SocketFilter = {
  pids: [],
  families: [],
  uids: [],
  netns: [],
  ends: [],
  ownerConditions: [],
};

/** What says whose a connection is, or where. */
const NO_OWNERS = {pids: [], uids: [], netns: [], ownerConditions: []} satisfies Partial<SocketFilter>;

/** The same filter for who cannot tell owners. */
export function withoutOwners(filter: SocketFilter): SocketFilter {
  return {...filter, ...NO_OWNERS};
}

export function isAboutOwners({pids, uids, netns, ownerConditions}: SocketFilter): boolean {
  return pids.length + uids.length + netns.length + ownerConditions.length > 0;
}

/** What of all that happens is wanted. */
export interface Filter extends SocketFilter {
  /** Kinds of events; `lost` is reported in any case. */
  readonly events: readonly EventKind[];
}

function allows<T>(wanted: readonly T[], ...values: readonly (T | undefined)[]): boolean {
  return wanted.length === 0 || values.some((value) => value !== undefined && wanted.includes(value));
}

export function meets(conditions: readonly Condition[], candidate: Candidate): boolean {
  return conditions.every((condition) => condition(candidate));
}

/** What bpf/filter.h and conditions decide together, for what is not from the kernel's probes. */
export function createSocketMatcher(filter: SocketFilter): Condition {
  const conditions = [...filter.ends.map(compileEnds), ...filter.ownerConditions];
  return (candidate) => {
    const {pid, owner_pid, family, uid, netns} = candidate;
    return (
      allows(filter.pids, pid, owner_pid) &&
      allows(filter.families, family) &&
      allows(filter.uids, uid) &&
      allows(filter.netns, netns) &&
      meets(conditions, candidate)
    );
  };
}

/** The same for events. */
export function createMatcher(filter: Filter): (event: TraceEvent) => boolean {
  const matchesSocket = createSocketMatcher(filter);
  return (event) => event.event === 'lost' || (allows(filter.events, event.event) && matchesSocket(event));
}
