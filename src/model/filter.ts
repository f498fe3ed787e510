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
  /** Ports at either end. */
  readonly ports: readonly number[];
  readonly families: readonly (4 | 6)[];
  readonly uids: readonly number[];
  /** Inodes. */
  readonly netns: readonly number[];
  /** What is not decided in the kernel: about whose a connection is, and where. */
  readonly ownerConditions: readonly Condition[];
  /** The same about its two ends. */
  readonly conditions: readonly Condition[];
}

export const NO_FILTER: SocketFilter = {
  pids: [],
  ports: [],
  families: [],
  uids: [],
  netns: [],
  ownerConditions: [],
  conditions: [],
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

export function matchesSocket(filter: SocketFilter, candidate: Candidate): boolean {
  const {pid, owner_pid, lport, rport, family, uid, netns} = candidate;
  return (
    allows(filter.pids, pid, owner_pid) &&
    allows(filter.ports, lport, rport) &&
    allows(filter.families, family) &&
    allows(filter.uids, uid) &&
    allows(filter.netns, netns) &&
    meets(filter.ownerConditions, candidate) &&
    meets(filter.conditions, candidate)
  );
}

/** What bpf/filter.h and conditions decide together, for sources that are not in the kernel. */
export function matches(filter: Filter, event: TraceEvent): boolean {
  if (event.event === 'lost') return true;
  return allows(filter.events, event.event) && matchesSocket(filter, event);
}
