/** Parses the names that ss(8) has for TCP states and groups of them. */
import {usageError} from '../../model/errors.js';
import {quote} from '../../model/basics/quote.js';
import {STATE_NAMES as SPELLED, type StateName} from '../../model/state.js';
import {suggest} from '../flags/parse/suggest.js';

/** Without `closed`: such a socket has no connection. */
export const ALL_STATES = SPELLED.filter((name) => name !== 'closed');

/** Every state of a connection. */
export const CONNECTED = ALL_STATES.filter((state) => state !== 'listening');

const BUCKETS: readonly StateName[] = ['time-wait', 'syn-recv'];

const NAMES: Readonly<Record<string, readonly StateName[]>> = {
  ...Object.fromEntries(ALL_STATES.map((name) => [name, [name]])),
  all: ALL_STATES,
  connected: CONNECTED,
  synchronized: CONNECTED.filter((state) => state !== 'syn-sent'),
  bucket: BUCKETS,
  big: ALL_STATES.filter((state) => !BUCKETS.includes(state)),
};

export const STATE_NAMES = Object.keys(NAMES);

/** @throws TcptraceError (usage) for another name */
export function parseState(text: string): readonly StateName[] {
  const states = Object.hasOwn(NAMES, text) ? NAMES[text] : undefined;
  if (states !== undefined) return states;
  throw usageError(
    `invalid value ${quote(text)}`,
    suggest(text, STATE_NAMES, `use ${STATE_NAMES.join(', ')}`),
  );
}
