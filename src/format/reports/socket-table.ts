/** Formats sockets as a table. Its columns fit the widest cells. */
import {formatMicroseconds} from '../../model/units/duration.js';
import {formatBytes} from '../../model/units/size.js';
import {memoize} from '../../model/memo.js';
import type {NamedSocket} from '../../model/socket.js';
import type {Paint} from '../../terminal/paint.js';
import {textWidth} from '../../terminal/width.js';
import {type Column, formatComm, formatEndpoint, orUnknown, UNKNOWN} from '../cells.js';
import type {NameColumn} from '../name-columns.js';

const COLUMNS: readonly Column[] = [
  {title: 'STATE', align: 'left'},
  {title: 'PID', align: 'right'},
  {title: 'UID', align: 'right'},
  {title: 'COMM', align: 'left'},
  {title: 'LOCAL', align: 'left'},
  {title: 'REMOTE', align: 'left'},
  {title: 'DIR', align: 'left'},
  {title: 'TX', align: 'right'},
  {title: 'RX', align: 'right'},
  {title: 'RTT', align: 'right'},
  {title: 'NETNS', align: 'right'},
  {title: 'INODE', align: 'right'},
];

function formatKnown(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? UNKNOWN : format(value);
}

function cells(socket: NamedSocket): readonly string[] {
  return [
    socket.state,
    orUnknown(socket.pid),
    orUnknown(socket.uid),
    formatComm(socket.comm),
    formatEndpoint(socket.family, socket.laddr, socket.lport),
    formatEndpoint(socket.family, socket.raddr, socket.rport),
    socket.direction ?? UNKNOWN,
    formatKnown(socket.tx_bytes, formatBytes),
    formatKnown(socket.rx_bytes, formatBytes),
    formatKnown(socket.rtt_us, formatMicroseconds),
    String(socket.netns),
    orUnknown(socket.inode),
  ];
}

/** The column of untrusted text, whose width is measured, as that of names is; all other columns are ASCII. */
const UNTRUSTED = COLUMNS.findIndex(({title}) => title === 'COMM');

/**
 * Formats a header and rows, one line each.
 *
 * @param nameColumns follow the other columns
 */
export function formatSocketTable(
  sockets: readonly NamedSocket[],
  paint: Paint,
  nameColumns: readonly NameColumn[] = [],
): string[] {
  const columns = [...COLUMNS, ...nameColumns];
  const rows = sockets.map((socket) => [...cells(socket), ...nameColumns.map(({read}) => read(socket))]);
  const widthOf = memoize(textWidth);
  const measure = (cell: string, index: number): number =>
    index === UNTRUSTED || index >= COLUMNS.length ? widthOf(cell) : cell.length;
  const widths = columns.map(({title}, index) =>
    rows.reduce((width, row) => Math.max(width, measure(row[index] ?? '', index)), title.length),
  );

  function pad(cell: string, index: number): string {
    const length = (widths[index] ?? 0) + cell.length - measure(cell, index);
    return columns[index]?.align === 'right' ? cell.padStart(length) : cell.padEnd(length);
  }

  const line = (texts: readonly string[]): string => texts.map(pad).join(' ').trimEnd();
  return [`${paint.header(line(columns.map(({title}) => title)))}\n`, ...rows.map((row) => `${line(row)}\n`)];
}
