import type {EventKind, TraceEvent} from './event.js';

/** Which connections are wanted. Values in one list are alternatives; an empty list is no condition. */
export interface SocketFilter {
  readonly pids: readonly number[];
  /** Ports at either end. */
  readonly ports: readonly number[];
  readonly families: readonly (4 | 6)[];
}

/** What of all that happens is wanted. */
export interface Filter extends SocketFilter {
  /** Kinds of events; `lost` is reported in any case. */
  readonly events: readonly EventKind[];
}

function allows<T>(wanted: readonly T[], ...values: readonly (T | undefined)[]): boolean {
  return wanted.length === 0 || values.some((value) => value !== undefined && wanted.includes(value));
}

/** What is compared: of an event, or of a socket that is there. */
interface Candidate {
  readonly pid?: number | undefined;
  readonly lport?: number | undefined;
  readonly rport?: number | undefined;
  readonly family: 4 | 6;
}

/** @param owner another process that counts */
export function matchesSocket(
  {pids, ports, families}: SocketFilter,
  {pid, lport, rport, family}: Candidate,
  owner?: number,
): boolean {
  return allows(pids, pid, owner) && allows(ports, lport, rport) && allows(families, family);
}

/** What bpf/filter.h decides in the kernel, for sources that are not there. */
export function matches(filter: Filter, event: TraceEvent): boolean {
  if (event.event === 'lost') return true;
  const owner = event.event === 'close' ? event.owner_pid : undefined;
  return allows(filter.events, event.event) && matchesSocket(filter, event, owner);
}
