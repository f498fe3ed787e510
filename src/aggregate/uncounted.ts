/** Bytes of live connections: each is counted once, by the update or the close that reports it first. */
import type {CloseEvent, ConnectionEvent, UpdateEvent} from '../model/event.js';

export type TotalsEvent = CloseEvent | UpdateEvent;

/** Totals that are counted already; undefined if unknown. */
export interface Counted {
  readonly tx: number | undefined;
  readonly rx: number | undefined;
  readonly retrans: number | undefined;
}

/** Most live connections that are known by their updates; further ones are counted when they close. */
export const MAX_LIVE = 1_000_000;

function minus(total: number | undefined, counted: number | undefined): number | undefined {
  return total === undefined ? undefined : Math.max(0, total - (counted ?? 0));
}

export function connectionKey({netns, inode}: ConnectionEvent): string | undefined {
  return inode === undefined ? undefined : `${String(netns)} ${String(inode)}`;
}

export function totalsOf({tx_bytes: tx, rx_bytes: rx, retrans}: TotalsEvent): Counted {
  return {tx, rx, retrans};
}

/** Subtracts what is counted already. */
export function without<E extends TotalsEvent>(event: E, counted: Counted | undefined): E {
  return {
    ...event,
    tx_bytes: minus(event.tx_bytes, counted?.tx),
    rx_bytes: minus(event.rx_bytes, counted?.rx),
    retrans: minus(event.retrans, counted?.retrans),
  };
}

/** Creates a function that replaces the totals of updates and closes by what earlier updates have not reported. */
export function createUncounted(): (event: ConnectionEvent) => ConnectionEvent {
  const live = new Map<string, Counted>();

  function update(event: UpdateEvent, key: string): UpdateEvent {
    const counted = live.get(key);
    if (counted === undefined && live.size >= MAX_LIVE)
      return {...event, tx_bytes: undefined, rx_bytes: undefined};
    live.set(key, totalsOf(event));
    return without(event, counted);
  }

  return (event) => {
    // most traces have no updates
    if (live.size === 0 && event.event !== 'update') return event;
    const key = connectionKey(event);
    if (key === undefined) return event;
    if (event.event === 'update') return update(event, key);
    const counted = live.get(key);
    // also for a new connection of a socket whose close was lost
    live.delete(key);
    return event.event === 'close' && counted !== undefined ? without(event, counted) : event;
  };
}
