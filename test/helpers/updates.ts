/** `update` events of a socket. */
import assert from 'node:assert/strict';
import {eventsOf} from './expect.js';
import type {Sock} from './sock.js';
import type {Tracer, TraceEvent} from './tracer.js';

export const EVERY = ['--update', '20ms'];

export function updatesOf(events: readonly TraceEvent[], sock: Sock): readonly TraceEvent[] {
  return eventsOf(events, sock).filter(({event}) => event === 'update');
}

export function pick(event: TraceEvent | undefined, ...names: readonly string[]): readonly unknown[] {
  return names.map((name) => event?.[name]);
}

/** Waits for an update with these values. */
export async function updated(
  tracer: Tracer,
  sock: Sock,
  values: Readonly<Record<string, unknown>>,
): Promise<TraceEvent> {
  const isIt = (event: TraceEvent): boolean =>
    Object.entries(values).every(([name, value]) => event[name] === value);
  // the whole host may be traced: check each event only once
  let checked = 0;
  let found: TraceEvent | undefined;
  const hasCome = (): boolean => {
    const news = tracer.events.slice(checked);
    checked = tracer.events.length;
    found ??= updatesOf(news, sock).find(isIt);
    return found !== undefined;
  };
  await tracer.waitFor(hasCome, `an update with ${JSON.stringify(values)}`);
  return found as unknown as TraceEvent;
}

/** Asserts that totals never decrease, and that no update follows the close. */
export function assertOrder(events: readonly TraceEvent[]): void {
  for (const [index, event] of events.entries()) {
    const before = events[index - 1];
    if (event.event === 'connect' || event.event === 'accept') assert.equal(index, 0);
    assert.notEqual(before?.event, 'close', 'no event follows the close');
    if (before?.event !== 'update') continue;
    for (const name of ['tx_bytes', 'rx_bytes', 'retrans'])
      assert(
        Number(event[name]) >= Number(before[name]),
        `${name} decreases: ${JSON.stringify([before, event])}`,
      );
  }
}
