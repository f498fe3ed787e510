import type {EventKind} from './event.js';

/** What of all that happens is wanted. Values in one list are alternatives; an empty list is no condition. */
export interface Filter {
  /** Kinds of events; `lost` is reported in any case. */
  readonly events: readonly EventKind[];
  readonly pids: readonly number[];
  /** Ports at either end. */
  readonly ports: readonly number[];
  readonly families: readonly (4 | 6)[];
}
