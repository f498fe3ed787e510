/** The report of `tcptrace list`. */
import {NAME_FIELDS} from '../../model/fields.js';
import {SOCKET_FIELDS} from '../../model/socket-fields.js';
import type {NamedSocket} from '../../model/socket.js';
import type {NameKind} from '../table/name-columns.js';
import {formatArray, type Report} from './report.js';
import {socketColumns} from './socket-columns.js';
import {formatRows} from './text-table.js';

/**
 * @param kinds names that were looked up
 * @param peers the processes at the remote endpoints were looked up
 */
export function reportSockets(
  sockets: readonly NamedSocket[],
  kinds: readonly NameKind[],
  peers = false,
): Report {
  return {
    formatTable: (options) => formatRows(socketColumns(options, kinds, peers), sockets, options),
    formatJson: () => formatArray(sockets),
    records: sockets,
    fields: [...SOCKET_FIELDS.map(({name}) => name), ...(kinds.length === 0 ? [] : NAME_FIELDS)],
  };
}
