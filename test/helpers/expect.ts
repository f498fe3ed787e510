/** Computes the events that a socket must produce, and compares them field by field. */
import assert from 'node:assert/strict';
import {CLOCK_SLACK_NS, now, PROBE} from './machine.js';
import type {Pair} from './pair.js';
import type {Moment, Sock} from './sock.js';
import type {TraceEvent} from './tracer.js';

/** Fields that are checked against a range; undefined: must be absent. */
interface Measured {
  readonly latency_us?: Range | undefined;
  readonly accept_delay_us?: Range | undefined;
  readonly duration_us?: Range | undefined;
  readonly rtt_us?: Range | undefined;
}

/** The round-trip time includes the handshake, which starts before accept(): the test has no bound for it. */
const RTT = {min: 1n, max: 60_000_000n};

/** Errors of connect() calls that have sent a SYN. */
const ERRORS_AFTER_SYN = ['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ECANCELED'];

/** A bound for any test; the tests of delayed accepts know a closer one. */
const DELAY = {min: 0n, max: 60_000_000n};

interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

/** One expected event. */
export interface Expected {
  readonly exact: Readonly<Record<string, unknown>>;
  readonly measured: Readonly<Record<string, Range | undefined>>;
}

/** Fields that replace those derived from the socket; undefined: must be absent. */
export type Overrides = Readonly<Record<string, unknown>>;

export type EndedBy = 'local' | 'remote' | 'local-reset' | 'remote-reset' | 'timeout';

function known(moment: Moment | undefined): Moment {
  if (!moment) throw new Error('the test did not record this moment');
  return moment;
}

function toMicroseconds({min, max}: Range): Range {
  return {min: (min - CLOCK_SLACK_NS) / 1000n, max: (max + CLOCK_SLACK_NS) / 1000n};
}

/** Range of the duration of something that happened within a moment. */
function within({before, after}: Moment, min = 1n): Range {
  return {...toMicroseconds({min: 0n, max: after - before}), min};
}

/** Range of the time from one moment to another. */
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
    zone: sock.zone,
    netns: sock.netns,
    inode: sock.inode,
    flow: event === 'fail' ? undefined : 'a flow',
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
  const fields = {direction: 'out', syn_retrans: 0};
  return expected('connect', moment, sock, fields, {latency_us: within(moment)}, overrides);
}

export function accepted(sock: Sock, overrides: Overrides = {}): Expected {
  const fields = {direction: 'in', syn_retrans: 0};
  return expected('accept', known(sock.opened), sock, fields, {accept_delay_us: DELAY}, overrides);
}

/** @param at when it failed, if not during connect() */
export function failed(
  sock: Sock,
  error: string,
  overrides: Overrides = {},
  at = known(sock.opened),
): Expected {
  const opened = known(sock.opened);
  const latency = at === opened ? within(opened, 0n) : between(opened, at);
  const fields = {error, syn_retrans: ERRORS_AFTER_SYN.includes(error) ? 0 : undefined};
  return expected('fail', {...at, who: opened.who}, sock, fields, {latency_us: latency}, overrides);
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
    owner_uid: ownerIsOther ? opened.who.uid : undefined,
    tx_bytes: sock.sent,
    rx_bytes: sock.received,
    retrans: sock.retrans,
    ended_by: endedBy,
  };
  return expected('close', closing, sock, fields, {duration_us: duration, rtt_us: RTT}, overrides);
}

/** The `open` event of a preexisting connection. */
export function open(sock: Sock): Expected {
  const opened = known(sock.opened);
  return expected('open', {...opened, after: now()}, sock, {direction: sock.direction}, {}, {});
}

/** The `close` event of a preexisting connection. */
export function closedOld(sock: Sock, endedBy: EndedBy, overrides: Overrides = {}): Expected {
  return closed(sock, endedBy, {
    duration_us: undefined,
    owner_pid: undefined,
    owner_comm: undefined,
    owner_uid: undefined,
    ...overrides,
  });
}

/** Converts `2026-11-23T15:51:02.123456789Z` to nanoseconds since the epoch. */
export function nanoseconds(time: unknown): bigint {
  const [, second, fraction] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z$/.exec(String(time)) ?? [];
  assert(second !== undefined && fraction !== undefined, `not a time: ${String(time)}`);
  return BigInt(Date.parse(`${second}Z`)) * 1_000_000n + BigInt(fraction);
}

/** Returns 'in range', or a description of the difference. */
function checkRange(key: string, value: unknown, {min, max}: Range): unknown {
  const number = key === 'time' ? nanoseconds(value) : BigInt(value as number);
  return number >= min && number <= max
    ? 'in range'
    : `${String(number)}, not in ${String(min)}..${String(max)}`;
}

/** Replaces a flow, which the test cannot know: flow.test.ts checks values. */
function checkFlow(flow: unknown): unknown {
  return /^[\da-f]{16}$/.test(String(flow)) ? 'a flow' : flow;
}

/** Replaces each measured value by the result of its range check, so that whole events can be compared. */
function comparable(event: TraceEvent, {measured}: Expected): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => {
      const range = measured[key];
      if (key === 'flow') return [key, checkFlow(value)];
      return [key, range ? checkRange(key, value, range) : value];
    }),
  );
}

function comparableExpected({exact, measured}: Expected): Record<string, unknown> {
  const ranges = Object.entries(measured).filter(([, range]) => range);
  return {...exact, ...Object.fromEntries(ranges.map(([key]) => [key, 'in range']))};
}

export function eventsOf(events: readonly TraceEvent[], ...socks: readonly Sock[]): TraceEvent[] {
  return events.filter(({inode}) => socks.some((sock) => sock.inode === inode));
}

/** Asserts that a socket has exactly these events, in this order. */
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
  assert.deepStrictEqual(rows.filter(Boolean), wanted.map(comparableExpected));
}

/** Asserts connect and close of the client, accept and close of the server; the client closed first. */
export function assertPair(
  events: readonly TraceEvent[],
  {client, server}: Pick<Pair, 'client' | 'server'>,
  ofClient: Overrides = {},
  ofServer: Overrides = {},
): void {
  assertEvents(events, client, connected(client), closed(client, 'local', ofClient));
  assertEvents(events, server, accepted(server), closed(server, 'remote', ofServer));
  const flows = eventsOf(events, client, server).map(({flow}) => flow);
  assert.equal(new Set(flows).size, 1, `one flow: ${flows.join(' ')}`);
}
