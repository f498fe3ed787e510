/** The output formats of joined connections: those of --format that suit them. */
import type {JoinedConnection} from '../../aggregate/join/connection.js';
import type {Destination, FormatName} from '../formats.js';
import type {JoinedColumnName} from './columns.js';
import {JOINED_FIELDS} from './fields.js';

/** Formats connections as text. */
export interface JoinedFormatter {
  readonly format: (connection: JoinedConnection) => string;
  /** Returns the end of the output, after the last connection. */
  readonly foot?: () => string;
}

export interface JoinedOptions extends Destination {
  /** Columns of the table; undefined shows as many as fit. */
  readonly columns: readonly JoinedColumnName[] | undefined;
  /** Print the titles of the columns. */
  readonly header: boolean;
  /** Exact numbers, instead of three digits and a unit. */
  readonly exact: boolean;
}

type Load = (options: JoinedOptions) => Promise<JoinedFormatter>;

async function loadTable(options: JoinedOptions): Promise<JoinedFormatter> {
  const [{createJoinedTable}, {createPaint}] = await Promise.all([
    import('./table.js'),
    import('../../terminal/paint.js'),
  ]);
  return createJoinedTable(createPaint(options.colorLevel), options);
}

async function loadCsv({header}: JoinedOptions): Promise<JoinedFormatter> {
  const {quoteCell} = await import('../csv.js');
  const cell = (value: string | number | undefined): string =>
    typeof value === 'string' ? quoteCell(value) : String(value ?? '');
  let titles = header ? `${JOINED_FIELDS.map(({name}) => name).join(',')}\n` : '';
  return {
    format(connection) {
      const row = `${titles}${JOINED_FIELDS.map(({read}) => cell(read(connection))).join(',')}\n`;
      titles = '';
      return row;
    },
  };
}

const LOADERS: Readonly<Partial<Record<FormatName, Load>>> = {
  table: loadTable,
  async wide(options) {
    const {JOINED_COLUMN_NAMES} = await import('./columns.js');
    return loadTable({...options, width: () => undefined, columns: JOINED_COLUMN_NAMES});
  },
  async json() {
    const {formatJoined} = await import('./ndjson.js');
    let start = '[';
    return {
      format(connection) {
        const line = `${start}${formatJoined(connection)}\n`;
        start = ',';
        return line;
      },
      foot: () => (start === '[' ? '[]\n' : ']\n'),
    };
  },
  async ndjson() {
    const {formatJoined} = await import('./ndjson.js');
    return {format: (connection) => `${formatJoined(connection)}\n`};
  },
  csv: loadCsv,
};

export const JOINED_FORMAT_NAMES = Object.keys(LOADERS) as readonly FormatName[];

/** @param format one of {@link JOINED_FORMAT_NAMES} */
export function loadJoinedFormat(format: FormatName, options: JoinedOptions): Promise<JoinedFormatter> {
  return (LOADERS[format] ?? loadTable)(options);
}
