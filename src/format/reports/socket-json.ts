import type {OpenSocket} from '../../model/socket.js';
import {formatJson} from '../json.js';

/** Formats each socket as one line of JSON, without unknown fields. */
export function formatSocketNdjson(sockets: readonly OpenSocket[]): string[] {
  return sockets.map((socket) => `${formatJson(socket)}\n`);
}

/** Formats sockets as one JSON array, with a line for each. */
export function formatSocketJson(sockets: readonly OpenSocket[]): string[] {
  const last = sockets.length - 1;
  const lines = sockets.map((socket, index) => `  ${formatJson(socket)}${index < last ? ',' : ''}\n`);
  return ['[\n', ...lines, ']\n'];
}
