/** Formats joined connections as rows of a live table. */
import type {Paint} from '../../terminal/paint.js';
import {createColumnWidths} from '../table/column-widths.js';
import {notationOf} from '../notation.js';
import {createLocalTimeFormatter} from '../times.js';
import {JOINED_COLUMN_NAMES, JOINED_COLUMNS, type JoinedColumn, type JoinedColumnName} from './columns.js';
import type {JoinedFormatter, JoinedOptions} from './formats.js';

function columnsFor(width: number): readonly JoinedColumnName[] {
  return JOINED_COLUMN_NAMES.filter((name) => JOINED_COLUMNS[name].from <= width);
}

/** Rows are cut to fit the terminal. */
export function createJoinedTable(
  paint: Paint,
  {width, columns: names, header, exact}: Pick<JoinedOptions, 'width' | 'columns' | 'header' | 'exact'>,
): JoinedFormatter {
  const shown = names ?? columnsFor(width() ?? Infinity);
  const columns: readonly JoinedColumn[] = shown.map((name) => JOINED_COLUMNS[name]);
  const widths = createColumnWidths(columns);
  const formatTime = createLocalTimeFormatter();
  const notation = notationOf(exact);
  let headerIsDue = true;

  function head(): string {
    headerIsDue = false;
    return `${paint.header(columns.map(({title}, index) => widths.pad(title, index)).join(' '))}\n`;
  }

  return {
    format(connection) {
      const time = formatTime((connection.opener ?? connection.acceptor)?.first.time ?? '');
      const whole = columns.map(({read}) => read(connection, time, notation));
      const terminal = width();
      const cells = terminal === undefined ? whole : widths.cut(whole, terminal);
      if (widths.widenFor(cells) && terminal !== undefined) headerIsDue = true;
      const row = cells.map((cell, index) => widths.pad(cell, index));
      return `${header && headerIsDue ? head() : ''}${row.join(' ').trimEnd()}\n`;
    },
  };
}
