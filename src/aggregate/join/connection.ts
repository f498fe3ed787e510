/** A connection, joined from the events of one or both of its sockets. */
import type {EndedBy} from '../../model/event.js';
import type {Side} from './side.js';

export const JOINED_ENDINGS = [
  'opener',
  'acceptor',
  'both',
  'opener-reset',
  'acceptor-reset',
  'timeout',
] as const;

/** The socket whose FIN came first, `both` if they crossed; or the cause if the connection did not end by FIN. */
export type JoinedEnding = (typeof JOINED_ENDINGS)[number];

export interface JoinedConnection {
  /** The socket that called connect(); undefined if no recording has it. */
  readonly opener: Side | undefined;
  /** The accepted socket; undefined if no recording has it. */
  readonly acceptor: Side | undefined;
  /** False if it is unknown which of the sockets opened the connection. */
  readonly areRolesKnown: boolean;
  readonly endedBy: JoinedEnding | undefined;
}

const OF_OPENER: Readonly<Record<EndedBy, JoinedEnding>> = {
  local: 'opener',
  remote: 'acceptor',
  'local-reset': 'opener-reset',
  'remote-reset': 'acceptor-reset',
  timeout: 'timeout',
};

const OF_ACCEPTOR: Readonly<Record<EndedBy, JoinedEnding>> = {
  local: 'acceptor',
  remote: 'opener',
  'local-reset': 'acceptor-reset',
  'remote-reset': 'opener-reset',
  timeout: 'timeout',
};

/** The first of these that a socket saw is reported if the two sockets saw different endings. */
const PRECEDENCE: readonly JoinedEnding[] = [
  'opener-reset',
  'acceptor-reset',
  'timeout',
  'opener',
  'acceptor',
];

function endingOf(opener: Side | undefined, acceptor: Side | undefined): JoinedEnding | undefined {
  const first = opener?.endedBy === undefined ? undefined : OF_OPENER[opener.endedBy];
  const second = acceptor?.endedBy === undefined ? undefined : OF_ACCEPTOR[acceptor.endedBy];
  if (opener?.endedBy === 'local' && acceptor?.endedBy === 'local') return 'both';
  return PRECEDENCE.find((ending) => ending === first || ending === second);
}

function create(
  opener: Side | undefined,
  acceptor: Side | undefined,
  areRolesKnown = true,
): JoinedConnection {
  return {opener, acceptor, areRolesKnown, endedBy: endingOf(opener, acceptor)};
}

/** Returns true if one of its sockets was not closed yet. */
export function isOpen({opener, acceptor}: JoinedConnection): boolean {
  return [opener, acceptor].some((side) => side?.isClosed === false);
}

/** Returns the connection of a socket whose peer no recording has. */
export function ofOne(side: Side): JoinedConnection {
  if (side.direction === 'in') return create(undefined, side);
  return create(side, undefined, side.direction === 'out');
}

/** Returns true if these can be the two sockets of one connection: two openers are a simultaneous open. */
export function canBePair(a: Side, b: Side): boolean {
  return a.direction !== 'in' || b.direction !== 'in';
}

/** Returns the connection of two sockets; if one direction is unknown, it is the opposite of the other. */
export function ofPair(a: Side, b: Side): JoinedConnection {
  if (a.direction === 'in' || (b.direction === 'out' && a.direction === 'unknown')) return create(b, a);
  return create(a, b, a.direction === 'out' || b.direction === 'in');
}
