import type {OpenSocket} from '../../model/socket.js';
import {formatJson} from '../json.js';

/** One line of JSON for each; what is unknown is left out. */
export function formatSocketNdjson(sockets: readonly OpenSocket[]): string[] {
  return sockets.map((socket) => `${formatJson(socket)}\n`);
}

/** One array, an element a line. */
export function formatSocketJson(sockets: readonly OpenSocket[]): string[] {
  const last = sockets.length - 1;
  const lines = sockets.map((socket, index) => `  ${formatJson(socket)}${index < last ? ',' : ''}\n`);
  return ['[\n', ...lines, ']\n'];
}
