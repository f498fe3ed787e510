/** Parses the names that ss(8) has for TCP states and groups of them. */
import {usageError} from '../../model/errors.js';
import {quote} from '../../model/quote.js';
import type {TcpStateName} from '../../model/state.js';
import {suggest} from '../flags/suggest.js';

const SYN_RECV = ['SYN_RECV', 'NEW_SYN_RECV'] as const;

const STATES: Readonly<Record<string, readonly TcpStateName[]>> = {
  established: ['ESTABLISHED'],
  'syn-sent': ['SYN_SENT'],
  'syn-recv': SYN_RECV,
  'fin-wait-1': ['FIN_WAIT1'],
  'fin-wait-2': ['FIN_WAIT2'],
  'time-wait': ['TIME_WAIT'],
  'close-wait': ['CLOSE_WAIT'],
  'last-ack': ['LAST_ACK'],
  listening: ['LISTEN'],
  closing: ['CLOSING'],
};

export const ALL_STATES = Object.values(STATES).flat();

/** Every state of a connection. */
export const CONNECTED = ALL_STATES.filter((state) => state !== 'LISTEN');

const BUCKETS: readonly TcpStateName[] = ['TIME_WAIT', ...SYN_RECV];

const GROUPS: Readonly<Record<string, readonly TcpStateName[]>> = {
  all: ALL_STATES,
  connected: CONNECTED,
  synchronized: CONNECTED.filter((state) => state !== 'SYN_SENT'),
  bucket: BUCKETS,
  big: ALL_STATES.filter((state) => !BUCKETS.includes(state)),
};

const NAMES = {...STATES, ...GROUPS};

export const STATE_NAMES = Object.keys(NAMES);

/** @throws TcptraceError (usage) for another name */
export function parseState(text: string): readonly TcpStateName[] {
  const states = Object.hasOwn(NAMES, text) ? NAMES[text] : undefined;
  if (states !== undefined) return states;
  throw usageError(
    `invalid value ${quote(text)}`,
    suggest(text, STATE_NAMES, `use ${STATE_NAMES.join(', ')}`),
  );
}
