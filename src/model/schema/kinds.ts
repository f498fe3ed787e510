/** The kinds of events: their meaning, and the sources that can emit them. */
import {EVENT_KINDS, type EventKind, PROBES, type Source, SOURCES} from '../event.js';

/** Sources that know sockets; conntrack knows flows of packets. */
export const SOCKET_SOURCES: readonly Source[] = [...PROBES, 'proc'];

interface KindRow {
  readonly meaning: string;
  readonly sources: readonly Source[];
}

/** Every kind of the contract. A kind is emitted once `EVENT_KINDS` of event.ts has it. */
const KIND_ROWS = {
  connect: {meaning: 'A connect() call reached ESTABLISHED.', sources: SOURCES},
  accept: {meaning: 'accept() returned the connection to a process.', sources: SOCKET_SOURCES},
  close: {
    meaning:
      'The last reference to the socket of an established connection is gone; exactly one per connection.',
    sources: SOURCES,
  },
  fail: {meaning: 'A connect() call ended before ESTABLISHED.', sources: PROBES},
  open: {meaning: 'The connection existed before the trace; only on request.', sources: SOCKET_SOURCES},
  update: {
    meaning:
      'Current numbers of a live connection that has moved bytes, retransmitted or changed state; an ' +
      'acknowledgment alone is not reported. Only with `--update`.',
    sources: PROBES,
  },
  lost: {meaning: 'Events were dropped, or could not be known.', sources: PROBES},
} as const satisfies Record<EventKind, KindRow>;

export type KindName = keyof typeof KIND_ROWS;

/** Kinds of the contract, in the order of the documentation. */
export const KIND_NAMES = Object.keys(KIND_ROWS) as KindName[];

export interface Kind extends KindRow {
  readonly name: EventKind;
}

/** Kinds that events have today, in the order of the documentation. */
export const KINDS: readonly Kind[] = EVENT_KINDS.map((name) => ({name, ...KIND_ROWS[name]}));

/** Returns true if a source can emit a kind of events. */
export function canEmit(source: Source, kind: EventKind): boolean {
  return KINDS.some(({name, sources}) => name === kind && sources.includes(source));
}
