/** Parses the names that ss(8) has for TCP states and groups of them. */
import {usageError} from '../../model/errors.js';
import {quote} from '../../model/quote.js';
import {STATE_NAMES as SPELLED, statesSpelled, type TcpStateName} from '../../model/state.js';
import {suggest} from '../flags/suggest.js';

/** Without `closed`: such a socket has no connection. */
const STATES = Object.fromEntries(
  SPELLED.filter((name) => name !== 'closed').map((name) => [name, statesSpelled(name)]),
);

export const ALL_STATES = Object.values(STATES).flat();

/** Every state of a connection. */
export const CONNECTED = ALL_STATES.filter((state) => state !== 'LISTEN');

const BUCKETS: readonly TcpStateName[] = ['TIME_WAIT', ...statesSpelled('syn-recv')];

const GROUPS: Readonly<Record<string, readonly TcpStateName[]>> = {
  all: ALL_STATES,
  connected: CONNECTED,
  synchronized: CONNECTED.filter((state) => state !== 'SYN_SENT'),
  bucket: BUCKETS,
  big: ALL_STATES.filter((state) => !BUCKETS.includes(state)),
};

const NAMES: Readonly<Record<string, readonly TcpStateName[]>> = {...STATES, ...GROUPS};

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
