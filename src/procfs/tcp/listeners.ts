/** Tracks listeners, which distinguish accepted connections from outgoing ones. */
import {LOCAL, localPort} from './endpoints.js';
import type {Table, TcpRow} from './tcp-table.js';

interface Listener {
  readonly netns: number;
  readonly table: Table;
  readonly endpoints: Uint32Array;
  seenIn: number;
}

/** A listener may close before a scan sees its connection, so listeners of the previous scan count, too. */
const REMEMBERED_SCANS = 1;

const ADDRESS_WORDS = 4;

function haveSameAddress(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = LOCAL; i < LOCAL + ADDRESS_WORDS; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** 0.0.0.0 or :: */
function isWildcard(endpoints: Uint32Array, table: Table): boolean {
  const first = table === 4 ? LOCAL + ADDRESS_WORDS - 1 : LOCAL;
  for (let i = first; i < LOCAL + ADDRESS_WORDS; i++) if (endpoints[i] !== 0) return false;
  return true;
}

export interface Listeners {
  /** Adds a line of a listening socket. */
  add(netns: number, table: Table, row: TcpRow, scan: number): void;
  /** True if a listener of the same table accepts at the connection's local endpoint. */
  has(netns: number, table: Table, endpoints: Uint32Array): boolean;
  /** Removes listeners that the previous scan did not find. Call it before each scan. */
  sweep(scan: number): void;
}

export function createListeners(): Listeners {
  const byPort = new Map<number, Listener[]>();

  function find(
    netns: number,
    table: Table,
    port: number,
    matches: (listener: Listener) => boolean,
  ): Listener | undefined {
    return byPort
      .get(port)
      ?.find((known) => known.netns === netns && known.table === table && matches(known));
  }

  return {
    add(netns, table, {endpoints}, scan) {
      const port = localPort(endpoints);
      const known = find(netns, table, port, (it) => haveSameAddress(it.endpoints, endpoints));
      if (known !== undefined) {
        known.seenIn = scan;
        return;
      }
      const others = byPort.get(port);
      const listener = {netns, table, endpoints: endpoints.slice(), seenIn: scan};
      if (others === undefined) byPort.set(port, [listener]);
      else others.push(listener);
    },
    has(netns, table, endpoints) {
      const accepts = (it: Listener): boolean =>
        isWildcard(it.endpoints, table) || haveSameAddress(it.endpoints, endpoints);
      return find(netns, table, localPort(endpoints), accepts) !== undefined;
    },
    sweep(scan) {
      for (const [port, listeners] of byPort) {
        const left = listeners.filter(({seenIn}) => seenIn >= scan - REMEMBERED_SCANS);
        if (left.length === 0) byPort.delete(port);
        else if (left.length < listeners.length) byPort.set(port, left);
      }
    },
  };
}
