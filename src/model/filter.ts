import type {EventKind, TraceEvent} from './event.js';

/** What of all that happens is wanted. Values in one list are alternatives; an empty list is no condition. */
export interface Filter {
  /** Kinds of events; `lost` is reported in any case. */
  readonly events: readonly EventKind[];
  readonly pids: readonly number[];
  /** Ports at either end. */
  readonly ports: readonly number[];
  readonly families: readonly (4 | 6)[];
}

function allows<T>(wanted: readonly T[], ...values: readonly (T | undefined)[]): boolean {
  return wanted.length === 0 || values.some((value) => value !== undefined && wanted.includes(value));
}

/** What bpf/filter.h decides in the kernel, for sources that are not there. */
export function matches(filter: Filter, event: TraceEvent): boolean {
  if (event.event === 'lost') return true;
  const owner = event.event === 'close' ? event.owner_pid : undefined;
  return (
    allows(filter.events, event.event) &&
    allows(filter.pids, event.pid, owner) &&
    allows(filter.ports, event.lport, event.rport) &&
    allows(filter.families, event.family)
  );
}
