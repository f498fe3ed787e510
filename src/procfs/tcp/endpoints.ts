/** Endpoints of a connection in nine 32-bit words, which can be compared without formatting. */
import {createAddressFormatter, isMapped} from '../../kernel/address.js';
import {viewWords} from '../../kernel/words.js';

export const WORDS = 9;

/** Indices of the words: addresses in memory order, IPv4 as IPv4-mapped; local port << 16 | remote port. */
export const LOCAL = 0;
export const REMOTE = 4;
export const PORTS = 8;

export function areSame(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < WORDS; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function localPort(endpoints: Uint32Array): number {
  return (endpoints[PORTS] as number) >>> 16;
}

/** Stores the endpoints of many connections in one array, which takes far less memory and time than one for each. */
export interface EndpointsStore {
  /** Stores endpoints and returns their index. */
  add(endpoints: Uint32Array): number;
  /** Returns endpoints in an array that the next call overwrites. */
  get(index: number): Uint32Array;
}

export function createEndpointsStore(): EndpointsStore {
  const found = new Uint32Array(WORDS);
  let words = new Uint32Array(1024 * WORDS);
  let used = 0;
  return {
    add(endpoints) {
      if (used === words.length) {
        const larger = new Uint32Array(2 * words.length);
        larger.set(words);
        words = larger;
      }
      words.set(endpoints, used);
      used += WORDS;
      return used - WORDS;
    },
    get(index) {
      for (let i = 0; i < WORDS; i++) found[i] = words[index + i] as number;
      return found;
    },
  };
}

/** Formatted endpoints. */
export interface Endpoints {
  /** IP version; an IPv4-mapped connection is 4. */
  readonly family: 4 | 6;
  readonly laddr: string;
  readonly lport: number;
  readonly raddr: string;
  readonly rport: number;
}

export function createEndpointsFormatter(): (endpoints: Uint32Array) => Endpoints {
  const formatter = createAddressFormatter();
  const scratch = new Uint32Array(WORDS);
  const view = viewWords(Buffer.from(scratch.buffer));

  function format(at: number): string {
    return isMapped(scratch, at) ? formatter.ipv4(view, 4 * (at + 3)) : formatter.ipv6(view, 4 * at);
  }

  return (endpoints) => {
    scratch.set(endpoints);
    return {
      // a listener has no remote address
      family: isMapped(endpoints, REMOTE) || isMapped(endpoints, LOCAL) ? 4 : 6,
      laddr: format(LOCAL),
      lport: localPort(endpoints),
      raddr: format(REMOTE),
      rport: (endpoints[PORTS] as number) & 0xffff,
    };
  };
}
