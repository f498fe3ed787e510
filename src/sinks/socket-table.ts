/** Sockets as a table: all rows are known, so columns are as wide as they must be. */
import type {HeldSocket} from '../model/socket.js';
import type {Paint} from '../terminal/paint.js';
import {textWidth} from '../terminal/width.js';
import {type Column, formatComm, formatEnd, orUnknown, UNKNOWN} from './cells.js';

const COLUMNS: readonly Column[] = [
  {title: 'STATE', align: 'left'},
  {title: 'PID', align: 'right'},
  {title: 'UID', align: 'right'},
  {title: 'COMM', align: 'left'},
  {title: 'LOCAL', align: 'left'},
  {title: 'REMOTE', align: 'left'},
  {title: 'DIR', align: 'left'},
  {title: 'NETNS', align: 'right'},
  {title: 'INODE', align: 'right'},
];

function cells(socket: HeldSocket): readonly string[] {
  return [
    socket.state,
    String(socket.pid),
    orUnknown(socket.uid),
    formatComm(socket.comm),
    formatEnd(socket.family, socket.laddr, socket.lport),
    formatEnd(socket.family, socket.raddr, socket.rport),
    socket.direction ?? UNKNOWN,
    String(socket.netns),
    String(socket.inode),
  ];
}

/** Header and rows, one line each. */
export function formatSocketTable(sockets: readonly HeldSocket[], paint: Paint): string[] {
  const rows = sockets.map(cells);
  const widths = COLUMNS.map(({title}) => title.length);
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      const width = textWidth(cell);
      if (width > (widths[index] ?? 0)) widths[index] = width;
    }
  }

  function line(texts: readonly string[]): string {
    const padded = texts.map((text, index) => {
      const padding = ' '.repeat((widths[index] ?? 0) - textWidth(text));
      return COLUMNS[index]?.align === 'right' ? padding + text : text + padding;
    });
    return padded.join(' ').trimEnd();
  }

  return [`${paint.header(line(COLUMNS.map(({title}) => title)))}\n`, ...rows.map((row) => `${line(row)}\n`)];
}
