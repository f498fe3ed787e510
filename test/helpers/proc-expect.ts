/** Computes the events that /proc scans must report for a socket, and compares them field by field. */
import assert from 'node:assert/strict';
import type {ProcessIdentity} from './actor.js';
import {eventsOf, nanoseconds} from './expect.js';
import {now} from './machine.js';
import type {Sock} from './sock.js';
import type {TraceEvent} from './tracer.js';

/** Fields of one event besides those of its socket. */
export type Fields = Readonly<Record<string, unknown>> & {readonly event: string};

/** Node.js dates are truncated to milliseconds. */
const CLOCK_SLACK_NS = 1_000_000n;

function comparable(event: TraceEvent): Record<string, unknown> {
  const entries = Object.entries(event).filter(([key]) => key !== 'time');
  return Object.fromEntries(entries.map(([key, value]) => [key, key === 'duration_us' ? 'known' : value]));
}

/** @param who process that was last seen holding the socket */
export function seen(sock: Sock, who: ProcessIdentity, {event, ...fields}: Fields): Record<string, unknown> {
  return {
    event,
    source: 'proc',
    ...who,
    family: sock.family,
    laddr: sock.local?.address,
    lport: sock.local?.port,
    raddr: sock.remote?.address,
    rport: sock.remote?.port,
    netns: sock.netns,
    inode: sock.inode,
    direction: sock.direction,
    ...fields,
  };
}

/** Asserts that a socket has exactly these events, in this order, each reported after it happened. */
export function assertSeen(
  events: readonly TraceEvent[],
  sock: Sock,
  ...wanted: readonly Record<string, unknown>[]
): void {
  const actual = eventsOf(events, sock);
  assert.deepStrictEqual(actual.map(comparable), wanted);
  for (const {event, time, duration_us} of actual) {
    const begin = event === 'close' ? sock.closed : sock.opened;
    assert.ok(begin && nanoseconds(time) >= begin.before - CLOCK_SLACK_NS, `${event} before it happened`);
    assert.ok(nanoseconds(time) <= now() + CLOCK_SLACK_NS, `${event} in the future`);
    assert.ok(duration_us === undefined || (Number(duration_us) >= 0 && Number.isInteger(duration_us)));
  }
}

/** Asserts an opening and a close event; one process held the socket all the time. */
export function assertLife(events: readonly TraceEvent[], sock: Sock, who = sock.actor.who): void {
  const event = sock.direction === 'in' ? 'accept' : 'connect';
  assertSeen(events, sock, seen(sock, who, {event}), seen(sock, who, {event: 'close', duration_us: 'known'}));
}
