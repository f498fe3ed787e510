/** From what a test knows of its sockets to whole events, compared field by field. */
import assert from 'node:assert/strict';
import {CLOCK_SLACK_NS, now, PROBE} from './machine.js';
import type {Pair} from './pair.js';
import type {Moment, Sock} from './sock.js';
import type {TraceEvent} from './tracer.js';

/** What no test can know to the digit; undefined: has to be absent. */
interface Measured {
  readonly latency_us?: Range | undefined;
  readonly duration_us?: Range | undefined;
  readonly rtt_us?: Range | undefined;
}

/** Of the handshake, too, which began before accept(): nothing that a test measures bounds it. */
const RTT = {min: 1n, max: 60_000_000n};

interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

/** One event as it has to be. */
export interface Expected {
  readonly exact: Readonly<Record<string, unknown>>;
  readonly measured: Readonly<Record<string, Range | undefined>>;
}

/** Fields that differ from what the socket tells; undefined: has to be absent. */
export type Overrides = Readonly<Record<string, unknown>>;

export type EndedBy = 'local' | 'remote' | 'local-reset' | 'remote-reset' | 'timeout';

function known(moment: Moment | undefined): Moment {
  if (!moment) throw new Error('the test does not know when that was');
  return moment;
}

function toMicroseconds({min, max}: Range): Range {
  return {min: (min - CLOCK_SLACK_NS) / 1000n, max: (max + CLOCK_SLACK_NS) / 1000n};
}

/** Elapsed time of something that began and ended within a moment. */
function within({before, after}: Moment, min = 1n): Range {
  return {...toMicroseconds({min: 0n, max: after - before}), min};
}

function between(opened: Moment, closed: Moment): Range {
  const {min, max} = toMicroseconds({min: closed.before - opened.after, max: closed.after - opened.before});
  return {min: min < 0n ? 0n : min, max};
}

function expected(
  event: string,
  moment: Moment,
  sock: Sock,
  fields: Overrides,
  measured: Measured,
  overrides: Overrides,
): Expected {
  const exact = {
    event,
    source: PROBE,
    ...moment.who,
    family: sock.family,
    laddr: sock.local?.address,
    lport: sock.local?.port,
    raddr: sock.remote?.address,
    rport: sock.remote?.port,
    netns: sock.netns,
    inode: sock.inode,
    ...fields,
    ...overrides,
  };
  const time = {min: moment.before - CLOCK_SLACK_NS, max: moment.after + CLOCK_SLACK_NS};
  return {
    exact: Object.fromEntries(
      Object.entries(exact).filter(([key, value]) => value !== undefined && !(key in measured)),
    ),
    measured: {
      time,
      ...Object.fromEntries(
        Object.entries(measured).map(([key, range]: [string, Range | undefined]) => [
          key,
          key in overrides ? (overrides[key] as Range | undefined) : range,
        ]),
      ),
    },
  };
}

export function connected(sock: Sock, overrides: Overrides = {}): Expected {
  const moment = known(sock.opened);
  return expected('connect', moment, sock, {direction: 'out'}, {latency_us: within(moment)}, overrides);
}

export function accepted(sock: Sock, overrides: Overrides = {}): Expected {
  return expected('accept', known(sock.opened), sock, {direction: 'in'}, {}, overrides);
}

/** @param at when it failed, where that is not during connect() */
export function failed(
  sock: Sock,
  error: string,
  overrides: Overrides = {},
  at = known(sock.opened),
): Expected {
  const opened = known(sock.opened);
  const latency = at === opened ? within(opened, 0n) : between(opened, at);
  return expected('fail', {...at, who: opened.who}, sock, {error}, {latency_us: latency}, overrides);
}

export function closed(sock: Sock, endedBy: EndedBy, overrides: Overrides = {}): Expected {
  const opened = known(sock.opened);
  const closing = known(sock.closed);
  const duration = between(opened, closing);
  const ownerIsOther = opened.who.pid !== closing.who.pid;
  const fields = {
    direction: sock.direction,
    owner_pid: ownerIsOther ? opened.who.pid : undefined,
    owner_comm: ownerIsOther ? opened.who.comm : undefined,
    tx_bytes: sock.sent,
    rx_bytes: sock.received,
    retrans: sock.retrans,
    ended_by: endedBy,
  };
  return expected('close', closing, sock, fields, {duration_us: duration, rtt_us: RTT}, overrides);
}

/** What --event open tells, some time after the connection was made. */
export function open(sock: Sock): Expected {
  const opened = known(sock.opened);
  return expected('open', {...opened, after: now()}, sock, {direction: sock.direction}, {}, {});
}

/** The close of a connection that the tracer found when it began. */
export function closedOld(sock: Sock, endedBy: EndedBy, overrides: Overrides = {}): Expected {
  return closed(sock, endedBy, {
    duration_us: undefined,
    owner_pid: undefined,
    owner_comm: undefined,
    ...overrides,
  });
}

/** `2026-11-23T15:51:02.123456789Z` in nanoseconds since the epoch. */
export function nanoseconds(time: unknown): bigint {
  const [, second, fraction] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z$/.exec(String(time)) ?? [];
  assert(second !== undefined && fraction !== undefined, `not a time: ${String(time)}`);
  return BigInt(Date.parse(`${second}Z`)) * 1_000_000n + BigInt(fraction);
}

function judge(key: string, value: unknown, {min, max}: Range): unknown {
  const number = key === 'time' ? nanoseconds(value) : BigInt(value as number);
  return number >= min && number <= max
    ? 'as measured'
    : `${String(number)}, not in ${String(min)}..${String(max)}`;
}

/** What was measured is judged and replaced by words, so that whole events compare. */
function comparable(event: TraceEvent, {measured}: Expected): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => {
      const range = measured[key];
      return [key, range ? judge(key, value, range) : value];
    }),
  );
}

function ideal({exact, measured}: Expected): Record<string, unknown> {
  const ranges = Object.entries(measured).filter(([, range]) => range);
  return {...exact, ...Object.fromEntries(ranges.map(([key]) => [key, 'as measured']))};
}

export function eventsOf(events: readonly TraceEvent[], ...socks: readonly Sock[]): TraceEvent[] {
  return events.filter(({inode}) => socks.some((sock) => sock.inode === inode));
}

/** The events of one socket are these, in this order, and no others. */
export function assertEvents(
  events: readonly TraceEvent[],
  sock: Sock,
  ...wanted: readonly Expected[]
): void {
  const actual = eventsOf(events, sock);
  const length = Math.max(actual.length, wanted.length);
  const rows = Array.from({length}, (_, index) => {
    const event = actual[index];
    const want = wanted[index];
    return event && want ? comparable(event, want) : event;
  });
  assert.deepStrictEqual(rows.filter(Boolean), wanted.map(ideal));
}

/** From connect() and accept() to the two closes, the client's first. */
export function assertPair(
  events: readonly TraceEvent[],
  {client, server}: Pick<Pair, 'client' | 'server'>,
  ofClient: Overrides = {},
  ofServer: Overrides = {},
): void {
  assertEvents(events, client, connected(client), closed(client, 'local', ofClient));
  assertEvents(events, server, accepted(server), closed(server, 'remote', ofServer));
}
