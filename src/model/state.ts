/** TCP states, and their names in ss(8). */

/** Numbers of TCP states, as in include/net/tcp_states.h. */
export const TcpState = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT1: 4,
  FIN_WAIT2: 5,
  TIME_WAIT: 6,
  CLOSE: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
  LISTEN: 10,
  CLOSING: 11,
  NEW_SYN_RECV: 12,
} as const;

export type TcpStateName = keyof typeof TcpState;

const NAMES = new Map(Object.entries(TcpState).map(([name, code]) => [code as number, name as TcpStateName]));

/** Returns the name of a TCP state by its number; undefined for any other number. */
export function nameOfState(code: number): TcpStateName | undefined {
  return NAMES.get(code);
}

const SPELLINGS = {
  ESTABLISHED: 'established',
  SYN_SENT: 'syn-sent',
  SYN_RECV: 'syn-recv',
  FIN_WAIT1: 'fin-wait-1',
  FIN_WAIT2: 'fin-wait-2',
  TIME_WAIT: 'time-wait',
  CLOSE: 'closed',
  CLOSE_WAIT: 'close-wait',
  LAST_ACK: 'last-ack',
  LISTEN: 'listening',
  CLOSING: 'closing',
  NEW_SYN_RECV: 'syn-recv',
} as const satisfies Record<TcpStateName, string>;

/** A TCP state in the spelling of ss(8). */
export type StateName = (typeof SPELLINGS)[TcpStateName];

/** Every state, in the spelling of ss(8). */
export const STATE_NAMES: readonly StateName[] = [...new Set(Object.values(SPELLINGS))];

/** Returns the name of a state in ss(8). */
export function spellState(state: TcpStateName): StateName {
  return SPELLINGS[state];
}
