/** Sorts sockets by a number, largest first. */
import type {OpenSocket, SocketNumbers} from '../../model/socket.js';

const KEYS = {
  tx: 'tx_bytes',
  rx: 'rx_bytes',
  rtt: 'rtt_us',
  retrans: 'retrans',
  'tx-queue': 'tx_queue_bytes',
  'rx-queue': 'rx_queue_bytes',
  cwnd: 'cwnd',
  rate: 'delivery_rate_bps',
  backlog: 'backlog',
} as const satisfies Record<string, keyof SocketNumbers>;

export type SortKey = keyof typeof KEYS;

export const SORT_KEYS = Object.keys(KEYS) as SortKey[];

/** Returns the sockets by a number, largest first. Those without it keep their order and come last. */
export function sortSockets(sockets: readonly OpenSocket[], key: SortKey | undefined): readonly OpenSocket[] {
  if (key === undefined) return sockets;
  const field = KEYS[key];
  return [...sockets].sort((a, b) => (b[field] ?? -1) - (a[field] ?? -1));
}
