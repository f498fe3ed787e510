/** Events as rows of a live table: written one by one as they happen, so columns can only grow. */
import type {ConnectionEvent, TraceEvent} from '../model/event.js';
import {textWidth} from '../terminal/width.js';
import type {Paint} from '../terminal/paint.js';
import {type Column, formatComm, formatEnd, orUnknown, UNKNOWN} from './cells.js';
import {formatDetail} from './detail.js';
import {createLocalTimeFormatter} from './local-time.js';

interface GrowingColumn extends Column {
  /** Room that is kept free from the start, in columns of the terminal. */
  readonly width: number;
}

/** Wide enough for IPv4; the last column is not padded. */
const COLUMNS: readonly GrowingColumn[] = [
  {title: 'TIME', width: 15, align: 'left'},
  {title: 'EVENT', width: 7, align: 'left'},
  {title: 'PID', width: 7, align: 'right'},
  {title: 'UID', width: 5, align: 'right'},
  {title: 'COMM', width: 15, align: 'left'},
  {title: 'LOCAL', width: 21, align: 'left'},
  {title: 'REMOTE', width: 21, align: 'left'},
  {title: 'NETNS', width: 10, align: 'right'},
  {title: 'INODE', width: 8, align: 'right'},
  {title: 'DETAIL', width: 0, align: 'left'},
];

function connectionCells(event: ConnectionEvent): readonly string[] {
  return [
    orUnknown(event.pid),
    orUnknown(event.uid),
    formatComm(event.comm),
    formatEnd(event.family, event.laddr, event.lport),
    formatEnd(event.family, event.raddr, event.rport),
    orUnknown(event.netns),
    orUnknown(event.inode),
  ];
}

const NO_CELLS = new Array<string>(7).fill(UNKNOWN);

/** Formats one event: its row, with the header above it where that has to be written (again). */
export type TableFormatter = (event: TraceEvent) => string;

/** @param paint colours of the stream that the rows go to */
export function createTable(paint: Paint): TableFormatter {
  const formatTime = createLocalTimeFormatter();
  const widths = COLUMNS.map(({width}) => width);
  let headerIsDue = true;

  function pad(text: string, index: number): string {
    const column = COLUMNS[index];
    if (column === undefined || index === COLUMNS.length - 1) return text;
    const padding = ' '.repeat((widths[index] ?? 0) - textWidth(text));
    return column.align === 'left' ? text + padding : padding + text;
  }

  function widenFor(cells: readonly string[]): void {
    for (const [index, cell] of cells.slice(0, -1).entries()) {
      const width = textWidth(cell);
      if (width <= (widths[index] ?? 0)) continue;
      widths[index] = width;
      headerIsDue = true;
    }
  }

  function header(): string {
    if (!headerIsDue) return '';
    headerIsDue = false;
    return `${paint.header(COLUMNS.map(({title}, index) => pad(title, index)).join(' '))}\n`;
  }

  return (event) => {
    const cells = [
      formatTime(event.time),
      event.event,
      ...(event.event === 'lost' ? NO_CELLS : connectionCells(event)),
      formatDetail(event),
    ];
    widenFor(cells);
    const [time = '', kind = '', ...rest] = cells.map(pad);
    return `${header()}${[time, paint.event(event.event, kind), ...rest].join(' ').trimEnd()}\n`;
  };
}
